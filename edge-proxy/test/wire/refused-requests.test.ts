import { describe, expect, test } from '@jest/globals';
import {
  AMBIGUOUS_CODING,
  AMBIGUOUS_LENGTH,
  BAD_HOSTS,
  BAD_LINES,
  BAD_REQUEST_LINES,
  NEEDED_FIELDS_AS_OPTIONS,
} from './refused-requests.ts';
import { SMUGGLED, expectRefusalAndClose, get, wireForAll } from './wire-under-test.ts';

/**
 * What two servers could read in two ways is read in none: 400, the connection ends, and neither the request nor the one
 * hidden behind it reaches an upstream (RFC 9112, sections 2.2, 3.2, 5 and 6.3; RFC 9110, section 7.6.1).
 */
const wire = wireForAll();

describe.each([
  ['an ambiguous length', AMBIGUOUS_LENGTH],
  ['an ambiguous coding', AMBIGUOUS_CODING],
  ['a bad line', BAD_LINES],
  ['a bad request line', BAD_REQUEST_LINES],
  ['a Connection that names a field which the request needs', NEEDED_FIELDS_AS_OPTIONS],
  ['a bad Host', BAD_HOSTS],
])('%s:', (_group, rows) => {
  test.concurrent.each(rows)('%s', async (_name, bytes, status = 400) => {
    await expectRefusalAndClose(wire().client(bytes + SMUGGLED), status);
    await wire().expectNothingArrived();
  });
});

test.concurrent.each([...AMBIGUOUS_LENGTH, ...AMBIGUOUS_CODING, ...BAD_LINES])(
  'byte by byte it is the same: %s',
  async (_name, bytes, status = 400) => {
    await expectRefusalAndClose(
      await wire()
        .client()
        .sendSlowly(bytes + SMUGGLED),
      status,
    );
    await wire().expectNothingArrived();
  },
);

/** Where answers are still due, the end of the connection alone says it: a 400 too early would be taken for one of them. */
describe('after sound requests on the same connection:', () => {
  test.each(AMBIGUOUS_LENGTH.slice(0, 4))('%s', async (_name, bytes) => {
    const client = wire().client(get('/first') + get('/second') + bytes + SMUGGLED);
    expect((await client.answer()).body).toBe('/first');
    expect((await client.answer()).body).toBe('/second');
    expect(await client.rest()).toMatch(/^(HTTP\/1.1 400 |$)/);
    expect(client.ending).toBe('end');
    await wire().expectHealthy();
    expect(wire().upstream.requests.map(({ target }) => target)).toEqual(['/first', '/second', '/healthy']);
  });
});
