import { METHODS } from 'node:http';
import { connect } from 'node:net';

/** All that a server reads as methods; the one that is left out asks for a tunnel. */
const ODD_METHODS = METHODS.filter((method) => method !== 'CONNECT');
/** Those that metrics tell apart, and of the others one that is passed on and the one that never is. */
const EACH_METHOD = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE', 'TRACE'];
/** As the upstream is asked to answer: registered statuses, and some that nobody registered. */
const STATUSES = [200, 204, 304, 404, 418, 299, 444, 499];
/** What a server answers each with, on a connection of its own: unsound requests end theirs. */
const UNSOUND = [
  'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a, b\r\nConnection: close\r\n\r\n',
  'GET / HTTP/3.7\r\nHost: a\r\n\r\n',
  'ODD / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nExpect: odd\r\n\r\n',
  `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: a\r\n${'X-Odd: 1\r\n'.repeat(200)}\r\n`,
];
/** A server has a bound on what is unanswered of a connection. */
const AT_ONCE = 20;
const SOCKETS = 8;

let count = 0;
const oddWord = () => `odd-${(count++).toString(36)}`;
const oddText = () => `${oddWord()}${['%00', '~', '%F0%9F', '_', '%2F..'][count % 5]}`;

/**
 * Each method with each status, and what is unsound. Every sound one has a query, a host and headers of its own.
 *
 * @param paths `*` is odd text, another one each time
 */
export function requestsOfEachKind(paths: readonly string[], users: readonly string[]): string[] {
  const sound = users.flatMap((user) => shapes(EACH_METHOD, paths).map((shape) => oddRequest({ ...shape, user })));
  return [...UNSOUND, ...sound];
}

/** The same of every method that there is, in so many rounds, and every request is of a user of its own. */
export function oddRequests(paths: readonly string[], rounds: number): string[] {
  const round = shapes(ODD_METHODS, paths);
  return Array.from({ length: rounds }, () => [
    ...UNSOUND,
    ...round.map((shape) => oddRequest({ ...shape, user: oddText() })),
  ]).flat();
}

type Shape = { method: string; path: string; status: number };

function shapes(methods: readonly string[], paths: readonly string[]): Shape[] {
  return methods.flatMap((method) =>
    paths.flatMap((path) => STATUSES.map((status): Shape => ({ method, path, status }))),
  );
}

function oddRequest({ method, path, status, user }: Shape & { user: string }): string {
  const claims = Buffer.from(JSON.stringify({ sub: user })).toString('base64url');
  const target = path.replaceAll('*', oddText);
  const length = method === 'POST' || method === 'PUT' ? ['Content-Type: application/json', 'Content-Length: 2'] : [];
  const fields = [
    `Host: ${oddWord()}.example`,
    `Authorization: Bearer e30.${claims}.odd`,
    `X-Request-ID: ${oddText()}`,
    `X-Answer: ${status}`,
    `X-${oddWord()}: ${oddText()}`,
    `X-Edge-Prefer: ${oddText()}`,
    `traceparent: 00-${oddText()}`,
    ...length,
  ];
  return `${method} ${target}?odd=${oddText()} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${length.length > 0 ? '{}' : ''}`;
}

/** Sends all, many at once, and resolves with how many final answers came. */
export async function flood(url: string, requests: readonly string[]): Promise<number> {
  const left = [...requests];
  const counts = await Promise.all(Array.from({ length: SOCKETS }, () => drain(url, left)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function drain(url: string, left: string[]): Promise<number> {
  let answers = 0;
  while (left.length > 0) {
    const isAlone = UNSOUND.includes(left[left.length - 1]!);
    const batch: string[] = [];
    while (
      left.length > 0 &&
      batch.length < (isAlone ? 1 : AT_ONCE) &&
      UNSOUND.includes(left[left.length - 1]!) === isAlone
    ) {
      batch.push(left.pop()!);
    }
    answers += await ask(url, batch);
  }
  return answers;
}

/** Some requests on a connection; the last of them ends it. */
async function ask(url: string, batch: readonly string[]): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const last = batch.at(-1)!.replace('\r\nHost:', '\r\nConnection: close\r\nHost:');
  socket.write([...batch.slice(0, -1), last].join(''), 'latin1');
  let text = '';
  for await (const chunk of socket) text += (chunk as Buffer).toString('latin1');
  return text.match(/HTTP\/1\.1 [2-5]\d\d /g)?.length ?? 0;
}
