import { expect, test } from '@jest/globals';
import { rotateSigningKeys } from '../src/auth/signing-key-store.ts';
import { SigningKeys } from '../src/auth/signing-keys.ts';
import { LEAD_MS } from '../src/auth/key-schedule.ts';
import { describeOnBothDatabases } from './support/databases.ts';
import { newPerson, silent, useMonolith } from './support/monolith.ts';

const DAY_MS = 86_400_000;

await describeOnBothDatabases('signing keys', (kind) => {
  const clock = { now: new Date() };
  const monolith = useMonolith(kind, {}, { now: () => clock.now });
  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid as string;
  const published = async () =>
    (await monolith().client().get('/.well-known/jwks.json')).body.keys.map(
      (key: { kid: string }) => key.kid,
    ) as string[];

  test('a key that an operator makes is published at once, signs after the lead, and takes no token away', async () => {
    const before = await newPerson(monolith());
    const old = kidOf(before.token);
    const made = await rotateSigningKeys(monolith().db, clock.now);
    expect(made!.signsFrom.getTime() - clock.now.getTime()).toBe(LEAD_MS);
    await monolith().keys.refresh();
    expect(await published()).toEqual([old, made!.kid]);
    expect(kidOf((await newPerson(monolith())).token)).toBe(old);

    clock.now = made!.signsFrom;
    expect(kidOf((await newPerson(monolith())).token)).toBe(made!.kid);
    expect(await published()).toEqual([old, made!.kid]);
    expect((await before.client.get('/muscle-groups')).status).toBe(200);

    clock.now = new Date(made!.signsFrom.getTime() + DAY_MS + 30_000);
    expect(await published()).toEqual([made!.kid]);
    expect((await before.client.get('/muscle-groups')).status).toBe(401);
  });

  test('a key that has come of age is replaced by itself, and forgotten when nobody needs it', async () => {
    const rows = () => monolith().db.selectFrom('signing_keys').select('kid').orderBy('signs_from').execute();
    const [, current] = await rows();
    clock.now = new Date(clock.now.getTime() + 29 * DAY_MS - 200_000);
    await monolith().keys.refresh();
    expect(await rows()).toHaveLength(2);
    clock.now = new Date(clock.now.getTime() + DAY_MS);
    await monolith().keys.refresh();
    const kept = await rows();
    expect(kept).toHaveLength(2);
    expect(kept[0]).toEqual(current);
  });

  test('of several processes that find a rotation due, one makes the key', async () => {
    clock.now = new Date(clock.now.getTime() + 31 * DAY_MS);
    const count = async () => (await monolith().db.selectFrom('signing_keys').select('kid').execute()).length;
    const before = await count();
    const processes = Array.from(
      { length: 4 },
      () => new SigningKeys({ db: monolith().db, logger: silent, now: () => clock.now, maxAgeDays: 30 }),
    );
    await Promise.all(processes.map((keys) => keys.refresh()));
    // The one before the last was withdrawn meanwhile.
    expect(await count()).toBe(before);
    expect(new Set(processes.map((keys) => keys.signer().kid)).size).toBe(1);
  });
});
