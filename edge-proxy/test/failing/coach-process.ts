import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A coach in a process of its own that serves `SLOTS` requests at a time, each in `SERVICE_MS`, and lets the others wait.
 * It reports to whoever forked it, and ends with them.
 */
export type Report =
  | { kind: 'listening'; port: number }
  | { kind: 'arrived' | 'answered'; id: string; at: number }
  | { kind: 'left'; id: string; at: number };

const SLOTS = Number(process.env['SLOTS']);
const SERVICE_MS = Number(process.env['SERVICE_MS']);

const waiting: (() => void)[] = [];
let busy = 0;

const report = (message: Report) => process.send?.(message);

const server = createServer((req, res) => {
  const id = String(req.headers['x-request-id']);
  report({ kind: 'arrived', id, at: Date.now() });
  res.once('close', () => report({ kind: res.writableFinished ? 'answered' : 'left', id, at: Date.now() }));
  waiting.push(() => res.writeHead(200, { 'x-served-by': 'coach' }).end('{"by":"coach"}'));
  serve();
});

function serve(): void {
  while (busy < SLOTS && waiting.length > 0) {
    const answer = waiting.shift()!;
    busy++;
    setTimeout(() => {
      answer();
      busy--;
      serve();
    }, SERVICE_MS);
  }
}

process.once('disconnect', () => process.exit());
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () =>
  report({ kind: 'listening', port: (server.address() as AddressInfo).port }),
);
