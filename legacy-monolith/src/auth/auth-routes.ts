import { loginSchema, registerSchema } from '@fit/contracts/auth';
import { jsonBody } from '@fit/service-kit/json-body';
import { ProblemError, parseInput } from '@fit/service-kit/problem';
import { addRoute } from '@fit/service-kit/service-app';
import type { Express, RequestHandler } from 'express';
import type { z } from 'zod';
import type { AuthLimits } from '../config/env.ts';
import { insertAccount, normaliseEmail } from './account-store.ts';
import { LoginLimits, RegistrationLimit } from './auth-limits.ts';
import { addressKey } from './client-address.ts';
import { JWKS_MAX_AGE_SECONDS } from './key-schedule.ts';
import { createLogIn } from './log-in.ts';
import type { LoginContext } from './log-in.ts';

const MAX_BODY_BYTES = 4096;

export type AuthContext = Omit<LoginContext, 'limits'> & { authLimits: AuthLimits };

/** `/auth/register`, `/auth/login` and the JWKS. */
export function addAuthRoutes(app: Express, context: AuthContext): void {
  addRoute(app, '/auth/register', { POST: [...jsonBody(MAX_BODY_BYTES), register(context)] });
  addRoute(app, '/auth/login', { POST: [...jsonBody(MAX_BODY_BYTES), login(context)] });
  addRoute(app, '/.well-known/jwks.json', {
    GET: [
      (_req, res) => {
        res.set('cache-control', `public, max-age=${JWKS_MAX_AGE_SECONDS}`).json(context.keys.jwks());
      },
    ],
  });
}

function register(context: AuthContext): RequestHandler {
  const limit = new RegistrationLimit(context.authLimits);
  return async (req, res) => {
    const input = parseInput(registerSchema, req.body, 'The account');
    await limit.charge(addressKey(req.ip));
    const account = { id: await createAccount(context, input), email: normaliseEmail(input.email) };
    res
      .status(201)
      .set('cache-control', 'no-store')
      .json({ ...account, zoneinfo: input.zoneinfo });
  };
}

async function createAccount(context: AuthContext, input: z.output<typeof registerSchema>): Promise<string> {
  const passwordHash = await context.slots.run(() => context.hasher.hash(input.password));
  const id = await insertAccount(context.db, { email: input.email, passwordHash, zoneinfo: input.zoneinfo });
  if (id === undefined) throw new ProblemError('account-exists', 'There is an account with this e-mail');
  return id;
}

function login(context: AuthContext): RequestHandler {
  const logIn = createLogIn({ ...context, limits: new LoginLimits(context.authLimits) });
  return async (req, res) => {
    const input = parseInput(loginSchema, req.body, 'The login');
    res.set('cache-control', 'no-store').json(await logIn(input, addressKey(req.ip)));
  };
}
