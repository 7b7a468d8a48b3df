import { createHash } from 'node:crypto';
import { ProblemError } from '@fit/service-kit/problem';
import type { Database } from '../db/schema.ts';

/** A key is in force this long at least. */
const KEPT_MS = 24 * 3_600_000;

const KEY = /^[\x20-\x7e]{1,255}$/;
const RULE = 'must be 1 to 255 printable ASCII characters';

/** The `Idempotency-Key` header. Errors: 400 naming it. */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || KEY.test(header)) return header;
  throw new ProblemError('validation-failed', `Idempotency-Key: ${RULE}`, {
    extensions: { errors: [{ field: 'Idempotency-Key', rule: RULE }] },
  });
}

export type Repeatable<Answer> = {
  userId: string;
  key: string;
  /** What the key stands for. */
  request: unknown;
  make: () => Promise<Answer>;
};

/**
 * Makes an answer once for each key, within the caller's transaction: of two that come at once the second waits for the
 * first, and both get the first one's answer. If `make` fails, the key is free again.
 *
 * Errors: 422 `idempotency-key-reused` when the key belongs to another request.
 */
export async function once<Answer>(db: Database, { userId, key, request, make }: Repeatable<Answer>): Promise<Answer> {
  const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('idempotency_keys')
    .values({ user_id: userId, key, request_hash: requestHash })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) return (await answerOf(db, userId, key, requestHash)) as Answer;

  const answer = await make();
  await db
    .updateTable('idempotency_keys')
    .set({ response: JSON.stringify(answer) })
    .where('user_id', '=', userId)
    .where('key', '=', key)
    .execute();
  return answer;
}

async function answerOf(db: Database, userId: string, key: string, requestHash: string): Promise<unknown> {
  const known = await db
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'response'])
    .where('user_id', '=', userId)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (known.request_hash === requestHash) return known.response;
  const rule = 'belongs to an earlier request with another body';
  throw new ProblemError('idempotency-key-reused', `Idempotency-Key: ${rule} (received ${JSON.stringify(key)})`, {
    extensions: { errors: [{ field: 'Idempotency-Key', rule, value: key }] },
  });
}

/** @returns how many keys were let go */
export async function purgeIdempotencyKeys(db: Database, now: Date): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', new Date(now.getTime() - KEPT_MS))
    .executeTakeFirst();
  return Number(numDeletedRows);
}
