import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MIRROR_TARGETS } from './mirror-targets.ts';
import type { MirrorTarget } from './mirror-targets.ts';

/** The old side, or a new one for each way in which a mirror may be; tells where they are. */
const BODY = JSON.stringify({
  exercises: Array.from({ length: 6 }, (_, id) => ({ id, name: `exercise ${id}`, text: 'x'.repeat(300) })),
});
const HUGE = Buffer.alloc(8 * 1024 * 1024, 'x');

const answer: RequestListener = (_req, res) => {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length }).end(BODY);
};

const BEHAVIOURS: Readonly<Record<MirrorTarget, RequestListener>> = {
  off: answer,
  sound: answer,
  refused: answer,
  reset: (req) => void req.socket.resetAndDestroy(),
  slow: (_req, res) => void res.writeHead(200, { 'content-length': 1000 }).write('x'),
  huge: (_req, res) => void res.write(HUGE, () => res.end()),
};

// Each in a process of its own, so that what the one is busy with is not what people wait for.
if (process.argv[2] === 'old') tell(await listening(answer));
else {
  const targets: Record<string, string> = {};
  for (const name of MIRROR_TARGETS) targets[name] = await listening(BEHAVIOURS[name], name === 'refused');
  tell(targets);
}

function tell(where: unknown): void {
  process.once('disconnect', () => process.exit(0));
  process.send?.(where);
}

async function listening(behaviour: RequestListener, isClosed = false): Promise<string> {
  const server = createServer({ keepAliveTimeout: 120_000 }, behaviour).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  if (isClosed) server.close();
  return `http://127.0.0.1:${port}`;
}
