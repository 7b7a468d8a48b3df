import { connect } from 'node:net';
import { setTimeout as passed } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startEdgeUnderTest } from '../edge-under-test.ts';
import type { EdgeUnderTest } from '../edge-under-test.ts';
import { startWireCoach } from './wire-coach.ts';
import type { Turn, WireCoach } from './wire-coach.ts';

/** Of answers of a migrated path: small ones are held back until they are complete, the others stream. */
const BOUND = 64 * 1024;
const ATTEMPT_TIMEOUT_MS = 500;

let coach: WireCoach;
let edge: EdgeUnderTest;
beforeEach(async () => {
  coach = await startWireCoach(({ answer }) => answer());
  edge = await startEdgeUnderTest({
    route: { initialWeight: 100 },
    coachUpstream: { url: coach.url, firstByteTimeoutMs: ATTEMPT_TIMEOUT_MS },
  });
});
afterEach(async () => {
  await edge[Symbol.asyncDispose]();
  await coach[Symbol.asyncDispose]();
});

type Stream = {
  text: () => string;
  /** Resolves once the body, as far as it has come, contains this. */
  until: (part: string) => Promise<void>;
  ended: Promise<void>;
  leave: () => void;
};

/** A client that looks at what comes while it comes. */
function ask(method = 'GET', body = ''): Stream {
  const socket = connect(Number(new URL(edge.url).port), '127.0.0.1').setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk)).on('error', () => undefined);
  socket.write(
    `${method} /fitness/wod HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  return {
    text: () => text,
    until: async (part) => {
      while (!text.slice(text.indexOf('\r\n\r\n')).includes(part)) await passed(5);
    },
    ended: new Promise((resolve) => socket.once('close', () => resolve())),
    leave: () => socket.destroy(),
  };
}

const head = (fields: string) => `HTTP/1.1 200 OK\r\nx-served-by: coach\r\n${fields}\r\n\r\n`;
const large = 'x'.repeat(2 * BOUND);
const half = 'x'.repeat(BOUND / 2);
const chunk = (data: string) => `${data.length.toString(16)}\r\n${data}\r\n`;

/** Sends the beginning, and hands over what is left to do once the client has seen it. */
function begins(beginning: string): Promise<Turn> {
  return new Promise((resolve) =>
    coach.behave((turn) => {
      turn.socket.write(beginning);
      resolve(turn);
    }),
  );
}

const STREAMED: [name: string, beginning: string, seen: string][] = [
  ['more than the bound, of a known length', head(`content-length: ${4 * BOUND}`) + large, half],
  ['more than the bound, in chunks', head('transfer-encoding: chunked') + chunk(large), half],
  ['events', head('content-type: text/event-stream\r\ntransfer-encoding: chunked') + chunk('data: 1\n\n'), 'data: 1'],
  ['a hang after a beginning of unknown length', head('transfer-encoding: chunked') + chunk('beginning'), 'beginning'],
];

test.each(STREAMED)('begins before it ends: %s', async (_name, beginning, seen) => {
  const turn = begins(beginning);
  const client = ask();
  await client.until(seen);
  expect(client.text()).toMatch(/^HTTP\/1\.1 200 [^]*x-served-by: coach/i);
  (await turn).socket.resetAndDestroy();
  await client.ended;
  expect(client.text()).not.toMatch(/\r\n0\r\n\r\n$/);
  expect(client.text()).not.toContain('legacy');
  expect(edge.legacy.requests).toEqual([]);
});

test.each([
  ['POST', ''],
  ['GET', 'with a body'],
])('what may not be repeated is not held back: %s %s', async (method, body) => {
  const turn = begins(head('content-length: 100') + 'beginning');
  const client = ask(method, body);
  await client.until('beginning');
  (await turn).socket.end();
  await client.ended;
  expect(client.text()).toMatch(/beginning$/);
  expect(edge.legacy.requests).toEqual([]);
});

const WHOLE: [name: string, bytes: string, body: string][] = [
  ['of a known length', head(`content-length: ${BOUND}`) + 'x'.repeat(BOUND), 'x'.repeat(BOUND)],
  ['in chunks', head('transfer-encoding: chunked') + `${chunk('ab')}${chunk('cd')}0\r\n\r\n`, 'abcd'],
  ['empty', head('content-length: 0'), ''],
];

test.each(WHOLE)('is complete and as it was sent: %s', async (_name, bytes, body) => {
  coach.behave(({ socket }) => void socket.write(bytes));
  expect(await edge.get('/fitness/wod')).toMatchObject({ status: 200, body, headers: { 'x-served-by': 'coach' } });
});

const BODILESS: [name: string, method: 'GET' | 'HEAD', bytes: string, status: number][] = [
  ['HEAD', 'HEAD', head('content-length: 100'), 200],
  ['204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n', 204],
  ['304', 'GET', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 100\r\n\r\n', 304],
];

test.each(BODILESS)('is complete without a body: %s', async (_name, method, bytes, status) => {
  coach.behave(({ socket }) => void socket.write(bytes));
  expect(await edge.get('/fitness/wod', { method })).toMatchObject({ status, body: '' });
  expect(edge.legacy.requests).toEqual([]);
});

test('ends with the connection', async () => {
  coach.behave(({ socket }) => void socket.end(head('connection: close') + 'until the end'));
  expect(await edge.get('/fitness/wod')).toMatchObject({ status: 200, body: 'until the end' });
});

test('of the old side nothing is held back', async () => {
  edge.legacy.behave((_request, res) => void res.writeHead(200, { 'content-length': 100 }).write('beginning'));
  await edge.setWeight(0);
  const client = ask();
  await client.until('beginning');
  expect(edge.legacy.requests).toHaveLength(1);
  client.leave();
});
