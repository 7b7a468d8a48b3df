import { TOKEN_LIFETIME_SECONDS, tokenSchema } from '@fit/contracts/auth';
import { problemSchema } from '@fit/contracts/problem';
import { LoadTestError } from './failures.ts';

export type Login = {
  url: string;
  email: string;
  password: string;
  /** Life of the token, up to a day. */
  seconds: number;
  signal: AbortSignal;
};

/** No token lives longer. */
export const MAX_TOKEN_SECONDS = TOKEN_LIFETIME_SECONDS.max;

/** A person's token. Errors: LoadTestError saying who could not log in, and why. */
export async function logInPerson(login: Login): Promise<string> {
  return await logIn(login, {});
}

/** A token for the edge's admin API. */
export async function logInOperator(login: Login): Promise<string> {
  return await logIn(login, { audience: 'edge-admin', roles: ['operator'] });
}

async function logIn({ url, email, password, seconds, signal }: Login, asked: object): Promise<string> {
  const answer = await fetch(new URL('/auth/login', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password, expires_in: seconds, ...asked }),
    signal,
  }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new LoadTestError('not-possible', `Nothing answers at ${url}; is the stack running (npm start)?`, { cause });
  });
  const body: unknown = await answer.json().catch(() => signal.throwIfAborted());
  const token = tokenSchema.safeParse(body);
  if (answer.ok && token.success) return token.data.access_token;
  const problem = problemSchema.safeParse(body);
  const why = problem.success ? problem.data.detail : 'no reason given';
  const code = answer.status === 401 ? 'wrong-login' : 'not-possible';
  throw new LoadTestError(code, `${email} could not log in at ${url} (${answer.status}): ${why}`);
}
