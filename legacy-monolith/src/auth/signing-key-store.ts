import { createHash, createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { isRotationDue, nextSignsFrom, publishedAt } from './key-schedule.ts';
import type { ScheduledKey } from './key-schedule.ts';

export type SigningKey = ScheduledKey & {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
};

const MODULUS_BITS = 2048;
const generateRsa = promisify(generateKeyPair);

export async function loadSigningKeys(db: Database): Promise<SigningKey[]> {
  const rows = await db.selectFrom('signing_keys').selectAll().orderBy('signs_from').execute();
  return rows.map((row) => {
    const privateKey = createPrivateKey(row.private_key);
    return {
      kid: row.kid,
      createdAt: row.created_at,
      signsFrom: row.signs_from,
      privateKey,
      publicKey: createPublicKey(privateKey),
    };
  });
}

/**
 * Makes a new key if one is due, or in any case without `maxAgeDays`, and deletes those that nobody needs any more. The
 * table is locked meanwhile: of several processes that find a rotation due, one makes the key.
 *
 * @returns the new key's id and from when it signs; undefined if none was due
 */
export async function rotateSigningKeys(
  db: Database,
  now: Date,
  maxAgeDays?: number,
): Promise<{ kid: string; signsFrom: Date } | undefined> {
  const { privateKey, publicKey } = await generateRsa('rsa', { modulusLength: MODULUS_BITS });
  return await db.transaction().execute(async (trx) => {
    await sql`lock table signing_keys in exclusive mode`.execute(trx);
    const keys = await loadSigningKeys(trx);
    if (maxAgeDays !== undefined && !isRotationDue(keys, now, maxAgeDays)) return undefined;

    const key = { kid: thumbprint(publicKey), signsFrom: nextSignsFrom(keys, now) };
    await trx
      .insertInto('signing_keys')
      .values({
        kid: key.kid,
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        created_at: now,
        signs_from: key.signsFrom,
      })
      .execute();
    const needed = publishedAt(keys, now).map(({ kid }) => kid);
    await trx
      .deleteFrom('signing_keys')
      .where('kid', 'not in', [...needed, key.kid])
      .execute();
    return key;
  });
}

/** The key's own digest as its id (RFC 7638). */
function thumbprint(publicKey: KeyObject): string {
  const { e, kty, n } = publicKey.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}
