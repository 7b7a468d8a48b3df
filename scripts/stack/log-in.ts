import { ADMIN_ROLES, tokenSchema } from '@fit/contracts/auth';
import type { Role } from '@fit/contracts/auth';

export type Login = { url: string; email: string; role: Role | undefined; expiresIn: number };

export const DEMO_USER = 'demo@fit.example';
export const DEMO_OPERATOR = 'operator@fit.example';

/** A bearer token by a real login, with the password in DEMO_PASSWORD, else that of the demo accounts. */
export async function logIn({ url, email, role, expiresIn }: Login): Promise<string> {
  const isAdminRole = ADMIN_ROLES.some((each) => each === role);
  const answer = await fetch(new URL('/auth/login', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email,
      password: process.env['DEMO_PASSWORD'] || 'demo-password',
      audience: isAdminRole ? 'edge-admin' : 'fit',
      expires_in: expiresIn,
      ...(role && { roles: [role] }),
    }),
  }).catch((cause: unknown) => {
    throw new Error(`Nothing answers at ${url}; is the stack running (npm start)?`, { cause });
  });
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return tokenSchema.parse(body).access_token;
  const { title, detail } = (body ?? {}) as { title?: string; detail?: string };
  throw new Error(`${email} could not log in (${answer.status}): ${detail ?? title ?? 'no reason given'}`);
}
