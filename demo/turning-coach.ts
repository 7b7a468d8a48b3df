import { Agent, createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVED_BY } from '@fit/contracts/headers';
import { workoutOfTheDaySchema } from '@fit/contracts/workout-of-the-day';
import type { Order, Report, Turn } from './coach-orders.ts';

/**
 * The coach's new release: passes everything to the coach at `COACH_URL`, until it is told by IPC (`Order`) to turn bad. What
 * it did for the edge it tells on request (`Report`).
 */
const coach = new URL(process.env['COACH_URL']!);
const slowMs = Number(process.env['SLOW_MS']);
const agent = new Agent({ keepAlive: true });
const WORKOUT = '/fitness/wod';

let turn: Turn = 'good';
let report: Report = { workouts: 0, bad: 0, firstBadAt: null };

const server = createServer((req, res) => {
  void answer(req, res).catch(() => res.destroy());
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${port}` })}\n`);
});
process.on('message', (order: Order) => {
  if (order.turn !== undefined) {
    turn = order.turn;
    report = { ...report, bad: 0, firstBadAt: null };
  }
  process.send?.(report);
});
// It ends with whoever started it.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.url !== WORKOUT) return await passOn(req, res);
  report = { ...report, workouts: report.workouts + 1 };
  const badly = turn;
  if (badly === 'good') return await passOn(req, res);
  report = { ...report, bad: report.bad + 1, firstBadAt: report.firstBadAt ?? Date.now() };
  await BADLY[badly](req, res);
}

type Answer = (req: IncomingMessage, res: ServerResponse) => Promise<void> | void;
const BADLY: Readonly<Record<Exclude<Turn, 'good'>, Answer>> = {
  errors: (_req, res) => refuse(res, 500, { type: 'internal-error', title: 'The new release fails' }),
  unauthorized: (_req, res) => {
    res.setHeader('www-authenticate', 'Bearer error="invalid_token"');
    refuse(res, 401, { type: 'unauthorized', title: 'The new release refuses every token' });
  },
  slow: async (req, res) => {
    await delay(slowMs);
    await passOn(req, res);
  },
  wrong: async (req, res) => {
    const { status, headers, body } = await ask(req);
    const isWorkout = status === 200;
    send(res, { status, headers, body: isWorkout ? withoutOneOrWithOneTwice(body) : body });
  },
};

/** In turns: five exercises, and six of which one comes twice. */
function withoutOneOrWithOneTwice(body: Buffer): Buffer {
  const workout = workoutOfTheDaySchema.parse(JSON.parse(body.toString()));
  const [first, ...others] = workout.exercises;
  const exercises = report.bad % 2 === 0 ? others : [first, first, ...others.slice(1)];
  return Buffer.from(JSON.stringify({ ...workout, exercises }));
}

function refuse(res: ServerResponse, status: number, problem: { type: string; title: string }): void {
  const body = Buffer.from(JSON.stringify({ ...problem, status }));
  send(res, { status, headers: { 'content-type': 'application/problem+json', [SERVED_BY]: 'coach' }, body });
}

async function passOn(req: IncomingMessage, res: ServerResponse): Promise<void> {
  send(res, await ask(req));
}

type Answered = { status: number; headers: IncomingHttpHeaders; body: Buffer };

async function ask(req: IncomingMessage): Promise<Answered> {
  const { method, url, headers } = req;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { connection: _hop, 'keep-alive': _alive, ...passed } = headers;
  const asked = request(new URL(url ?? '/', coach), { method, agent, headers: passed }, resolve).on('error', reject);
  req.pipe(asked);
  const answered = await promise;
  const chunks: Buffer[] = [];
  for await (const chunk of answered) chunks.push(chunk as Buffer);
  return { status: answered.statusCode ?? 502, headers: answered.headers, body: Buffer.concat(chunks) };
}

function send(res: ServerResponse, { status, headers, body }: Answered): void {
  const { connection: _hop, 'keep-alive': _alive, 'transfer-encoding': _coding, ...passed } = headers;
  res.writeHead(status, { ...passed, 'content-length': body.length }).end(body);
}
