import { expect, test } from '@jest/globals';
import { databaseFailures } from './failures.ts';

function passedOn(error: unknown): unknown {
  let passed: unknown;
  databaseFailures(error, {} as never, {} as never, (next: unknown) => (passed = next));
  return passed;
}

test.each([
  [{ code: 'ECONNREFUSED' }],
  [{ code: 'ECONNRESET' }],
  [{ code: '57P01' }], // admin_shutdown
  [{ code: '08006' }], // connection_failure
  [{ code: '53300' }], // too_many_connections
  [new Error('timeout exceeded when trying to connect')],
  [new Error('Connection terminated unexpectedly')],
])('%p is 503: the database is away', (error) => {
  expect(passedOn(error)).toMatchObject({ code: 'dependency-unavailable', status: 503, cause: error });
});

test.each([[{ code: '23505' }], [{ code: '42P01' }], [new Error('something else')], [undefined], ['text']])(
  '%p goes on as it is',
  (error) => expect(passedOn(error)).toBe(error),
);
