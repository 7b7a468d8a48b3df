import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { LoadTestError } from './failures.ts';
import { MAX_TOKEN_SECONDS, logInPerson } from './log-in.ts';
import { payloadOf } from './token-payload.ts';

export type PeopleOptions = {
  loginUrl: string;
  users: number;
  password: string;
  /** Tokens of earlier runs. */
  cacheFile: string;
  /** Tokens must be good for so long. */
  neededSeconds: number;
  say: (line: string) => void;
  signal: AbortSignal;
};

/** By the URL where people logged in; the first token is `person-0001`'s. */
const cacheSchema = z.record(z.string(), z.object({ expiresAt: z.number(), tokens: z.array(z.string()) }));
type Cache = z.infer<typeof cacheSchema>;

/** The monolith verifies one password on each core at a time; a few more wait there. */
const LOGINS_AT_ONCE = 4;
const SAY_EVERY = 100;

/** The account of a person, as the monolith's demo makes them. */
export function emailOf(person: number): string {
  return `person-${String(person + 1).padStart(4, '0')}@fit.example`;
}

export function countPeople(count: number): string {
  return `${count} ${count === 1 ? 'person' : 'people'}`;
}

/** A token for each person: an earlier run's while it is good, else by a real login. */
export async function tokensOfPeople(options: PeopleOptions): Promise<string[]> {
  const { loginUrl, users, cacheFile, say } = options;
  const cache = readCache(cacheFile);
  const kept = await stillGood(cache[loginUrl], options);
  if (kept.tokens.length >= users) {
    say(`${countPeople(users)} logged in by an earlier run`);
    return kept.tokens.slice(0, users);
  }
  const tokens = [...kept.tokens];
  const save = () => writeCache(cacheFile, { ...cache, [loginUrl]: { expiresAt: kept.expiresAt, tokens } });
  try {
    await logInMissing(tokens, options);
  } finally {
    save();
  }
  return tokens;
}

/** People's tokens from a file, one a line; of several that are the same person's, the first. */
export function readTokens(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const why = (cause as Error).message;
    throw new LoadTestError('usage', `--tokens must be a file, received ${JSON.stringify(file)}: ${why}`, { cause });
  }
  const tokens = text.split(/\s+/).filter((token) => token !== '');
  const wrong = tokens.findIndex((token) => !/^[\w.~+/=-]+$/.test(token));
  if (tokens.length > 0 && wrong === -1) return onePerPerson(tokens);
  throw new LoadTestError(
    'usage',
    tokens.length === 0 ? `--tokens: ${file} is empty` : `--tokens: number ${wrong + 1} in ${file} is no bearer token`,
  );
}

function onePerPerson(tokens: readonly string[]): string[] {
  return [...Map.groupBy(tokens, (token) => payloadOf(token).sub ?? token).values()].flatMap(([first]) => first ?? []);
}

async function logInMissing(tokens: string[], options: PeopleOptions): Promise<void> {
  const { loginUrl, users, password, say, signal } = options;
  say(`Logging in ${countPeople(users - tokens.length)} at ${loginUrl} …`);
  const startedAt = performance.now();
  while (tokens.length < users) {
    const batch = Array.from({ length: Math.min(LOGINS_AT_ONCE, users - tokens.length) }, (_, index) =>
      logInPerson({
        url: loginUrl,
        email: emailOf(tokens.length + index),
        password,
        seconds: MAX_TOKEN_SECONDS,
        signal,
      }),
    );
    for (const result of await Promise.allSettled(batch)) {
      // The ones behind the first who cannot are not kept: a token's place is its person.
      if (result.status === 'rejected') throw explain(result.reason, tokens.length);
      tokens.push(result.value);
      if (tokens.length % SAY_EVERY === 0) say(`  ${tokens.length} of ${users}`);
    }
  }
  say(`  done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

function explain(reason: unknown, loggedIn: number): unknown {
  if (!(reason instanceof LoadTestError) || reason.code !== 'wrong-login') return reason;
  const fewer = loggedIn > 0 ? `--users ${loggedIn}, or ` : '';
  const advice = `The monolith makes these people with SEED_DEMO=1 and SEED_DEMO_PEOPLE=N; else give ${fewer}--tokens FILE`;
  return new LoadTestError('wrong-login', `${reason.message}. ${advice}`, { cause: reason });
}

/** None if they end too early, or the monolith does not know them any more. */
async function stillGood(kept: Cache[string] | undefined, options: PeopleOptions): Promise<Cache[string]> {
  const now = Date.now();
  const none = { expiresAt: now + MAX_TOKEN_SECONDS * 1000, tokens: [] };
  const [first] = kept?.tokens ?? [];
  if (!kept || first === undefined || kept.expiresAt < now + options.neededSeconds * 1000) return none;
  const answer = await fetch(new URL('/fitness/history?date=2000-01-01', options.loginUrl), {
    headers: { authorization: `Bearer ${first}` },
    signal: options.signal,
  }).catch(() => undefined);
  options.signal.throwIfAborted();
  await answer?.body?.cancel();
  return answer?.status === 401 ? none : kept;
}

function readCache(file: string): Cache {
  try {
    return cacheSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // There is none, or none that can be used: everybody logs in.
    return {};
  }
}

/** Readable by its owner alone, and never half written. */
function writeCache(file: string, cache: Cache): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(cache), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
