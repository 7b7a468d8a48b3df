import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LoadTestError } from './failures.ts';
import { emailOf, readTokens, tokensOfPeople } from './people.ts';

/** Logs in as many people as there are, and knows the tokens of its own time. */
async function startMonolith(accounts: number) {
  const state = { logins: 0, generation: 1, hangs: undefined as (() => void) | undefined };
  const server = createServer((req, res) => {
    if (state.hangs) return state.hangs();
    const answer = (status: number, body: object) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (req.url?.startsWith('/fitness/history')) {
      return void answer(req.headers.authorization?.endsWith(`-${state.generation}`) ? 200 : 401, {});
    }
    void json(req).then((body) => {
      state.logins++;
      const { email } = body as { email: string };
      const number = Number(/^person-(\d+)@fit\.example$/.exec(email)?.[1] ?? Infinity);
      if (number > accounts) return answer(401, { ...PROBLEM, status: 401 });
      const token = { access_token: `${number}-${state.generation}`, token_type: 'Bearer', expires_in: 86_400 };
      return answer(200, token);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { state, url: `http://127.0.0.1:${port}`, stop: () => server.close().closeAllConnections() };
}

const PROBLEM = {
  type: 'invalid-credentials',
  title: 'Wrong',
  detail: 'The e-mail or the password is wrong',
  instance: '/auth/login',
  correlation_id: 'c',
  service: 'legacy-monolith',
  timestamp: '2026-03-29T10:00:00Z',
};

let folder: string;
let monolith: Awaited<ReturnType<typeof startMonolith>>;
const cacheFile = () => join(folder, 'tokens.json');
const said: string[] = [];
const logIn = async (users: number, neededSeconds = 60, signal = new AbortController().signal) =>
  await tokensOfPeople({
    loginUrl: monolith.url,
    users,
    password: 'demo-password',
    cacheFile: cacheFile(),
    neededSeconds,
    say: (line) => void said.push(line),
    signal,
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'loadtest-'));
  monolith = await startMonolith(20);
});
afterEach(() => {
  monolith.stop();
  rmSync(folder, { recursive: true });
});

describe('people', () => {
  test('log in once, in their order, and only the missing ones later', async () => {
    expect(await logIn(10)).toEqual(Array.from({ length: 10 }, (_, index) => `${index + 1}-1`));
    expect(statSync(cacheFile()).mode & 0o777).toBe(0o600);
    expect(await logIn(5)).toHaveLength(5);
    expect(monolith.state.logins).toBe(10);
    expect(await logIn(12)).toHaveLength(12);
    expect(monolith.state.logins).toBe(12);
  });

  test('log in anew if the monolith does not know their tokens, or they would end too early', async () => {
    await logIn(2);
    monolith.state.generation = 2;
    expect(await logIn(2)).toEqual(['1-2', '2-2']);
    await logIn(2, 86_401);
    expect(monolith.state.logins).toBe(6);
  });

  test('log in anew where the file cannot be used', async () => {
    writeFileSync(cacheFile(), '{"http');
    expect(await logIn(1)).toEqual(['1-1']);
    expect(JSON.parse(readFileSync(cacheFile(), 'utf8'))).toHaveProperty([monolith.url, 'tokens'], ['1-1']);
  });

  test('that are not there end it with a line that says who and what to do; the others are kept', async () => {
    const tooMany = logIn(30);
    await expect(tooMany).rejects.toThrow(
      /^person-0021@fit\.example could not log in at .* \(401\): The e-mail or the/,
    );
    await expect(tooMany).rejects.toThrow(/SEED_DEMO_PEOPLE=N; else give --users 20, or --tokens FILE$/);
    // Failed logins are counted by address: no more than one batch.
    expect(monolith.state.logins).toBeLessThanOrEqual(24);
    expect(await logIn(20)).toHaveLength(20);
    expect(monolith.state.logins).toBeLessThanOrEqual(24);
  });

  test('cannot log in where nothing answers, and no other people would help', async () => {
    monolith.stop();
    await expect(logIn(1)).rejects.toThrow(/^Nothing answers at http\S+ is the stack running \(npm start\)\?$/);
  });

  test('are one or several in words', async () => {
    await logIn(1);
    expect(said).toContain(`Logging in 1 person at ${monolith.url} …`);
    await logIn(1);
    expect(said).toContain('1 person logged in by an earlier run');
  });

  test.each(['while they log in', 'while an earlier token is tried'])('are interrupted %s', async (when) => {
    if (when !== 'while they log in') await logIn(1);
    const interruption = new AbortController();
    monolith.state.hangs = () => interruption.abort(new LoadTestError('interrupted', 'Interrupted by SIGINT'));
    await expect(logIn(1, 60, interruption.signal)).rejects.toThrow(/^Interrupted by SIGINT$/);
    await expect(logIn(1, 60, interruption.signal)).rejects.toMatchObject({ exitCode: 130 });
  });
});

test.each([
  [0, 'person-0001@fit.example'],
  [9999, 'person-10000@fit.example'],
])('number %d is %s', (person, email) => expect(emailOf(person)).toBe(email));

describe('a file of tokens', () => {
  const write = (text: string) => {
    const file = join(folder, 'tokens.txt');
    writeFileSync(file, text);
    return file;
  };

  test('has one a line', () => expect(readTokens(write('a.b.c\nd.e.f\n'))).toEqual(['a.b.c', 'd.e.f']));
  test('is not empty', () => expect(() => readTokens(write('\n'))).toThrow(/is empty$/));
  test('has nothing else', () =>
    expect(() => readTokens(write('a.b.c\n"x"'))).toThrow(/number 2 in .* is no bearer token$/));
  test.each([
    ['none', /^--tokens must be a file, received ".*none": ENOENT/],
    ['.', /^--tokens must be a file, received ".*": EISDIR/],
  ])('is a file: %s', (name, message) => expect(() => readTokens(join(folder, name))).toThrow(message));

  test('counts a person once, by whose a token is; one that does not say by its text', () => {
    const tokenOf = (sub: string, jti: number) =>
      `x.${Buffer.from(JSON.stringify({ sub, jti })).toString('base64url')}.x`;
    const [anna, annaAgain, otto] = [tokenOf('anna', 1), tokenOf('anna', 2), tokenOf('otto', 3)];
    const file = write([anna, 'opaque', annaAgain, otto, 'opaque', 'other'].join('\n'));
    expect(readTokens(file)).toEqual([anna, 'opaque', otto, 'other']);
  });
});
