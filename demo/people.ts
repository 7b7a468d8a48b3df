import { tokenSchema } from '@fit/contracts/auth';

const PASSWORD = 'demo-password';
/** The monolith verifies one password on each core at a time; a few more wait there. */
const LOGINS_AT_ONCE = 4;

/** Tokens of the people that the monolith was seeded with, by real logins. */
export async function logInPeople(monolithUrl: string, count: number): Promise<string[]> {
  const tokens: string[] = [];
  let next = 0;
  const logInSome = async () => {
    for (let person = next++; person < count; person = next++) {
      const email = `person-${String(person + 1).padStart(4, '0')}@fit.example`;
      tokens[person] = await logIn(monolithUrl, { email });
    }
  };
  await Promise.all(Array.from({ length: LOGINS_AT_ONCE }, logInSome));
  return tokens;
}

/** A token of somebody who may choose his side. */
export async function logInTester(monolithUrl: string): Promise<string> {
  return await logIn(monolithUrl, { email: 'operator@fit.example', roles: ['tester'] });
}

async function logIn(monolithUrl: string, who: { email: string; roles?: readonly string[] }): Promise<string> {
  const answer = await fetch(`${monolithUrl}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...who, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`${who.email} could not log in: ${await answer.text()}`);
  return tokenSchema.parse(await answer.json()).access_token;
}
