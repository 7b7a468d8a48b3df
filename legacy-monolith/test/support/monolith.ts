import { afterAll, beforeAll } from '@jest/globals';
import { legacyMonolithDocument } from '@fit/contracts/openapi/legacy-monolith';
import { createLogger } from '@fit/service-kit/logger';
import { createResponseCheck } from '@fit/test-kit/openapi-responses';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import type { TokenIssuer } from '@fit/test-kit/tokens';
import { startMonolith } from '../../src/app.ts';
import type { Overrides, RunningMonolith } from '../../src/app.ts';
import type { MonolithConfig } from '../../src/config/env.ts';
import type { NewExercise } from '../../src/exercises/exercise-store.ts';
import type { DatabaseKind, TestDatabase } from './databases.ts';

export const silent = createLogger('test', 'silent');
export const PASSWORD = 'correct-horse-battery';

/** No waiting: argon2 at its cheapest, the generator at no cost. Limits are those of production. */
export const TEST_CONFIG: Omit<MonolithConfig, 'database'> = {
  host: '127.0.0.1',
  port: 0,
  logLevel: 'silent',
  revision: 'unknown',
  nearMisses: [],
  generator: { costMs: { min: 0, max: 0 }, workers: 32, queue: 256 },
  trustedProxies: [],
  signingKeyMaxAgeDays: 30,
  authLimits: {
    failuresPerPair: 10,
    failuresPerAddress: 100,
    failuresPerAccount: 200,
    registrationsPerAddress: 10_000,
    windowSeconds: 900,
  },
  hashing: { memoryKib: 64, passes: 1 },
};

export type TestMonolith = RunningMonolith & { client: (token?: string) => Client };

/**
 * A monolith on a fresh database for the tests of one `describe`.
 *
 * @returns gives the running one; to be called within a test
 */
export function useMonolith(
  kind: DatabaseKind,
  config: Partial<MonolithConfig> = {},
  overrides: Overrides = {},
): () => TestMonolith {
  let database: TestDatabase;
  let monolith: RunningMonolith;
  beforeAll(async () => {
    database = await kind.create(overrides.catalogue ? 'empty' : 'seeded');
    monolith = await startMonolith(
      { ...TEST_CONFIG, ...config, database: database.config },
      { logger: silent, ...overrides },
    );
  });
  afterAll(async () => {
    await monolith?.close();
    await database?.drop();
  });
  return () => ({ ...monolith, client: (token) => new Client(monolith.url, token) });
}

const check = createResponseCheck(legacyMonolithDocument);

/** Throws unless the document of the monolith allows the answer; what it does not describe is not looked at. */
function assertDocumented(method: string, path: string, answer: Answer): void {
  const template = path.split('?', 1)[0]!.replace(/^\/exercises\/.+/, '/exercises/{id}');
  const operations = legacyMonolithDocument.paths?.[template];
  if (!operations || !(method in operations)) return;
  const contentType = answer.headers.get('content-type') ?? '';
  const problems = check({ method, path: template, status: answer.status, contentType, body: answer.body });
  if (problems.length > 0) throw new Error(`${method} ${path} is not as documented: ${problems.join('; ')}`);
}

/** A caller of the API, who holds every answer against its OpenAPI document. */
export class Client {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, token?: string) {
    this.#url = url;
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await answerOf(await fetch(this.#url + path, { headers: { ...this.#headers, ...headers } }));
    assertDocumented('get', path, answer);
    return answer;
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await answerOf(
      await fetch(this.#url + path, {
        method: 'POST',
        headers: { ...this.#headers, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
    assertDocumented('post', path, answer);
    return answer;
  }
}

// Bodies are looked into field by field; a wrong one fails the expectation.
// oxlint-disable-next-line no-explicit-any
export type Answer = { status: number; headers: Headers; body: any; text: string };

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text ? JSON.parse(text) : undefined,
  };
}

let people = 0;

/** Registers a new person and logs in. */
export async function newPerson(
  monolith: TestMonolith,
  zoneinfo = 'UTC',
): Promise<{ id: string; email: string; token: string; client: Client }> {
  const email = `person${(people += 1)}@fit.example`;
  const { body: registered } = await monolith.client().post('/auth/register', { email, password: PASSWORD, zoneinfo });
  const { body } = await monolith.client().post('/auth/login', { email, password: PASSWORD });
  return { id: registered.id, email, token: body.access_token, client: monolith.client(body.access_token) };
}

/** Makes any token, good or forged, with the key that the monolith signs with. */
export function forgerOf(monolith: TestMonolith): TokenIssuer {
  const { kid, privateKey } = monolith.keys.signer();
  return createTokenIssuer({ kid, privateKey });
}

/** A catalogue of so many exercises, for tests that count. */
export function smallCatalogue(size: number): NewExercise[] {
  return Array.from({ length: size }, (_, index) => ({
    slug: `exercise-${index + 1}`,
    source_id: null,
    name: `Exercise ${index + 1}`,
    description: `What to do in exercise ${index + 1}.`,
    difficulty: (index % 5) + 1,
    equipment: 'dumbbell',
    body_part: 'arms',
    base_weight_kg: 10,
    base_reps: 10,
    muscles: [
      { muscle: 'biceps', isPrimary: true, intensity: 1 },
      { muscle: 'forearms', isPrimary: false, intensity: 0.4 },
    ],
  }));
}
