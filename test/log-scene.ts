import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { answers } from './running-stack.ts';
import type { Place } from './running-stack.ts';

/** Somebody who hands secrets over at every place where there is room for them, rightly and wrongly. */
const PERSON = { email: 'somebody.private@mail.example', password: 'private-horse-battery' };
/** Documentation's own (RFC 5737). */
const ADDRESS = '203.0.113.77';
/** The id of the one request that goes the whole way. */
export const ONE_ID = 'one-id-all-the-way';

export type LogLine = Record<string, unknown>;

/** What everybody logged: all of it as it was written, and line by line by process. */
export type Logs = { text: string; of: Record<string, LogLine[]> };

/** Plays it against a stack, and says what must be in none of its logs. */
export async function playLogScene(place: Place, tester: string, operator: string): Promise<string[]> {
  const front = (await answers(place.nginx.url)) ? place.nginx.url : place.urls.edge;
  const token = await registerAndLogIn(front);
  const secrets = secretsOf([token, tester, operator]);
  await goAllTheWay(front, tester);
  for (const url of [front, place.urls.edge, place.urls.coach, place.urls.monolith]) {
    for (const odd of oddRequests(token)) await askAndForget(url, odd);
    await raw(url, `GET /${token} HTTP/9.9\r\nauthorization: Bearer ${token}\r\n\r\n`);
  }
  await openLive(front, token);
  await operate(place.urls.admin, operator);
  const adminToken = readFileSync(join(place.env.FIT_DATA_DIR, 'admin-token'), 'utf8').trim();
  return [...secrets, adminToken, ADDRESS, PERSON.email, PERSON.password, basic(), 'demo-password'];
}

/** Read once a line says what is waited for. */
export async function logsOf(place: Place, isThere: (logs: Logs) => boolean): Promise<Logs> {
  for (;;) {
    const logs = readLogs(place);
    if (isThere(logs)) return logs;
    await delay(50);
  }
}

function readLogs({ env, nginx }: Place): Logs {
  const folder = join(env.FIT_DATA_DIR, 'logs');
  const files = readdirSync(folder).map((name) => [name.replace('.log', ''), join(folder, name)] as const);
  const texts = [...files, ['nginx-access', join(nginx.folder, 'access.log')] as const].map(
    ([name, file]) => [name, textOf(file)] as const,
  );
  const of = Object.fromEntries(texts.map(([name, text]) => [name, text.split('\n').flatMap(lineOf)]));
  return { text: texts.map(([, text]) => text).join('\n'), of };
}

async function registerAndLogIn(front: string): Promise<string> {
  await post(front, '/auth/register', { ...PERSON, zoneinfo: 'UTC' });
  for (const wrong of [`${PERSON.password}x`, PERSON.email]) {
    await post(front, '/auth/login', { email: PERSON.email, password: wrong });
  }
  const answer = await post(front, '/auth/login', PERSON);
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** A tester chooses the coach, who asks the monolith. */
async function goAllTheWay(front: string, tester: string): Promise<void> {
  const headers = { authorization: `Bearer ${tester}`, 'x-edge-prefer': 'coach', 'x-request-id': ONE_ID };
  const answer = await fetch(`${front}/fitness/wod`, { headers });
  const servedBy = answer.headers.get('x-served-by');
  await answer.body?.cancel();
  if (servedBy !== 'coach') throw new Error(`the coach was to answer, it was ${servedBy} with ${answer.status}`);
}

type Odd = { method?: string; path: string; headers?: Record<string, string>; body?: string };

function oddRequests(token: string): Odd[] {
  const bearer = { authorization: `Bearer ${token}` };
  const json = { 'content-type': 'application/json' };
  const forged = `${token.slice(0, -20)}${'A'.repeat(20)}`;
  const wod = '/fitness/wod';
  const exercises = [{ exercise_id: 1, reps: 5 }];
  return [
    { path: wod, headers: { ...bearer, 'x-forwarded-for': ADDRESS, forwarded: `for=${ADDRESS}` } },
    { path: `${wod}?access_token=${token}&email=${PERSON.email}`, headers: bearer },
    { path: `/people/${PERSON.email}/${token}` },
    { path: `/${token}` },
    { path: wod, headers: { authorization: `Bearer ${forged}` } },
    { path: wod, headers: { authorization: basic() } },
    { path: wod, headers: { authorization: token, 'x-request-id': PERSON.email, 'x-correlation-id': token } },
    { path: wod, headers: { ...bearer, traceparent: token, tracestate: PERSON.email, 'x-edge-prefer': token } },
    {
      path: wod,
      headers: { cookie: `session=${token}`, 'user-agent': token, referer: `http://x/?${token}`, 'x-t': token },
    },
    { path: `/fitness/history?date=${PERSON.email}`, headers: bearer },
    { method: 'DELETE', path: `${wod}?${token}`, headers: bearer },
    {
      method: 'POST',
      path: '/auth/login',
      headers: json,
      body: `{"email":"${PERSON.email}","password":"${PERSON.password}`,
    },
    { method: 'POST', path: '/auth/login', headers: { 'content-type': PERSON.email }, body: PERSON.password },
    { method: 'POST', path: '/auth/register', headers: json, body: JSON.stringify({ ...PERSON, zoneinfo: token }) },
    {
      method: 'POST',
      path: '/fitness/workouts',
      headers: { ...bearer, ...json, 'idempotency-key': PERSON.email },
      body: JSON.stringify({ exercises }),
    },
    {
      method: 'POST',
      path: '/fitness/workouts',
      headers: { ...bearer, ...json, 'idempotency-key': token },
      body: JSON.stringify({ exercises, note: PERSON.email }),
    },
  ];
}

/** By raw bytes, since not all of it is what fetch would send. What is answered is of no interest here. */
async function askAndForget(url: string, { method = 'GET', path, headers = {}, body = '' }: Odd): Promise<void> {
  const all = { host: new URL(url).host, connection: 'close', 'content-length': String(body.length), ...headers };
  const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  await raw(url, `${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n${body}`);
}

/** The handshake of a live connection, which then is dropped; the token once more in the query. */
async function openLive(url: string, token: string): Promise<void> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': `${'A'.repeat(22)}==`,
  };
  for (const authorization of [`Bearer ${token}`, basic()]) {
    await askAndForget(url, { path: `/fitness/live?token=${token}`, headers: { ...headers, authorization } });
  }
}

/** What an operator says and asks about people, and what is wrong with it. */
async function operate(admin: string, operator: string): Promise<void> {
  const route = `${admin}/admin/v1/routes/wod`;
  const headers = { authorization: `Bearer ${operator}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ reason: `asked for by ${PERSON.email}` });
  await forget(fetch(`${route}/cohort?user=${PERSON.email}`, { headers }));
  await forget(fetch(`${route}/cohort?user=${PERSON.email}&x=${operator}`, { headers }));
  await forget(fetch(`${route}/rollback`, { method: 'POST', headers, body }));
  await forget(fetch(`${route}/weight?${operator}`, { method: 'PUT', headers, body }));
  await forget(fetch(`${admin}/${operator}`, { headers: { authorization: basic() } }));
}

async function post(origin: string, path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return await fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function forget(asked: Promise<Response>): Promise<void> {
  await (await asked).body?.cancel();
}

/** Sends bytes; the connection is dropped at the first that come back, or when the other side has ended it. */
async function raw(url: string, bytes: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(bytes);
  await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  socket.destroy();
}

/** Each token, and by themselves its claims and its signature. */
function secretsOf(tokens: readonly string[]): string[] {
  return tokens.flatMap((token) => [token, ...token.split('.').slice(1)]);
}

function basic(): string {
  return `Basic ${Buffer.from(`${PERSON.email}:${PERSON.password}`).toString('base64')}`;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Nginx's own words on standard error are no JSON. */
function lineOf(text: string): LogLine[] {
  try {
    return [JSON.parse(text) as LogLine];
  } catch {
    return [];
  }
}
