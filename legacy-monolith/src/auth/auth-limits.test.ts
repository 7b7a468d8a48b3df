import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LoginLimits, RegistrationLimit } from './auth-limits.ts';

const LIMITS = {
  failuresPerPair: 3,
  failuresPerAddress: 5,
  failuresPerAccount: 7,
  registrationsPerAddress: 2,
  windowSeconds: 60,
};
const victim = { account: 'victim@fit.example', address: '192.0.2.1' };
const REFUSED = { code: 'too-many-requests', headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) } };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

async function fail(limits: LoginLimits, attempt: typeof victim, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await limits.charge(attempt);
}

describe('LoginLimits', () => {
  test('after the last failure of a pair the next attempt is refused, until the window ends', async () => {
    const limits = new LoginLimits(LIMITS);
    await fail(limits, victim, 3);
    await expect(limits.assertOpen(victim)).rejects.toMatchObject(REFUSED);
    await expect(limits.charge(victim)).rejects.toMatchObject({ headers: { 'retry-after': '60' } });
    jest.advanceTimersByTime(59_999);
    await expect(limits.charge(victim)).rejects.toMatchObject({ headers: { 'retry-after': '1' } });
    jest.advanceTimersByTime(1);
    await expect(limits.charge(victim)).resolves.toBeDefined();
  });

  test('parallel guesses are charged before any is decided', async () => {
    const limits = new LoginLimits(LIMITS);
    const guesses = await Promise.allSettled(Array.from({ length: 50 }, () => limits.charge(victim)));
    expect(guesses.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });

  test('good logins use nothing up', async () => {
    const limits = new LoginLimits(LIMITS);
    for (let login = 0; login < 100; login += 1) await (await limits.charge(victim))();
    await fail(limits, victim, 3);
    await expect(limits.assertOpen(victim)).rejects.toMatchObject(REFUSED);
  });

  test('a guesser locks the victim out at its own address only', async () => {
    const limits = new LoginLimits(LIMITS);
    await fail(limits, { ...victim, address: '198.51.100.9' }, 3);
    await expect(limits.assertOpen(victim)).resolves.toBeUndefined();
  });

  test('one password on many accounts is stopped by the address', async () => {
    const limits = new LoginLimits(LIMITS);
    for (let account = 0; account < 5; account += 1) await limits.charge({ ...victim, account: `user${account}` });
    await expect(limits.charge({ ...victim, account: 'user5' })).rejects.toMatchObject(REFUSED);
  });

  test('many addresses on one account are stopped by the account, but not one that logged in before', async () => {
    const limits = new LoginLimits(LIMITS);
    await (
      await limits.charge(victim)
    )();
    for (let host = 0; host < 7; host += 1) await limits.charge({ ...victim, address: `198.51.100.${host}` });
    await expect(limits.charge({ ...victim, address: '198.51.100.99' })).rejects.toMatchObject(REFUSED);
    await expect(limits.charge(victim)).resolves.toBeDefined();
  });

  test('logging into an account of its own does not clear what an address failed on others', async () => {
    const limits = new LoginLimits(LIMITS);
    for (let account = 0; account < 4; account += 1) {
      await limits.charge({ ...victim, account: `user${account}` });
      await (
        await limits.charge({ ...victim, account: 'own' })
      )();
    }
    await limits.charge({ ...victim, account: 'user4' });
    await expect(limits.charge({ ...victim, account: 'user5' })).rejects.toMatchObject(REFUSED);
  });
});

test('RegistrationLimit counts what an address registers', async () => {
  const limit = new RegistrationLimit(LIMITS);
  await limit.charge('192.0.2.1');
  await limit.charge('192.0.2.1');
  await expect(limit.charge('192.0.2.1')).rejects.toMatchObject(REFUSED);
  await expect(limit.charge('192.0.2.2')).resolves.toBeUndefined();
});
