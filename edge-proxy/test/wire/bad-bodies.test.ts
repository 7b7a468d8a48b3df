import { describe, expect, test } from '@jest/globals';
import { BAD_BODIES, withBadBody } from './bad-bodies.ts';
import { readAnswer } from './raw-client.ts';
import type { RawClient } from './raw-client.ts';
import { SMUGGLED, expectProblem, request, wireForAll } from './wire-under-test.ts';

/**
 * A body that goes wrong while the upstream receives it already: the upstream must not take what it has for the whole
 * (RFC 9112, section 8), and nothing after it is a request.
 */
const wire = wireForAll();

/** The upstream had the head, or it had not; it never had the end, and the connection is gone. */
async function expectNeverWhole(): Promise<void> {
  await wire().expectHealthy();
  for (const request of wire().upstream.requests) {
    const { target, isWhole, connection } = request;
    expect(['/bad-body', '/healthy']).toContain(target);
    if (target === '/healthy') continue;
    expect(isWhole).toBe(false);
    await connection.left();
    expect(request.bytes).not.toMatch(/\n0+\r\n/);
    expect(connection.requests.at(-1)).toBe(request);
  }
}

async function expectOneRefusal(client: RawClient): Promise<void> {
  await client.rest();
  const found = readAnswer(client.received, { method: 'POST', hasEnded: true });
  expect(found).toBeDefined();
  expect([400, 413, 431]).toContain(found!.answer.status);
  expectProblem(found!.answer, found!.answer.status);
  expect(client.received).toHaveLength(found!.size);
}

describe('all at once:', () => {
  test.each(BAD_BODIES)('%s', async (_name, body) => {
    await expectOneRefusal(wire().client(withBadBody(body) + SMUGGLED));
    await expectNeverWhole();
  });
});

describe('after the upstream has the beginning:', () => {
  test.each(BAD_BODIES)('%s', async (_name, body) => {
    const whole = withBadBody(body);
    const beginning = whole.length - body.length;
    const client = wire().client(whole.slice(0, beginning));
    await wire().upstream.arrived('/bad-body');
    await expectOneRefusal(client.send(body + SMUGGLED));
    await expectNeverWhole();
  });
});

describe('cut by the client:', () => {
  test.each([
    ['within a length', request('POST', '/bad-body', 'Content-Length: 10'), 'hello'],
    ['within a chunk', request('POST', '/bad-body', 'Transfer-Encoding: chunked'), '5\r\nhel'],
    ['between chunks', request('POST', '/bad-body', 'Transfer-Encoding: chunked'), '5\r\nhello\r\n'],
    ['within the last chunk', request('POST', '/bad-body', 'Transfer-Encoding: chunked'), '5\r\nhello\r\n0\r\n'],
  ])('%s', async (_name, head, body) => {
    for (const how of ['FIN', 'half', 'RST'] as const) {
      wire().upstream.forget();
      const client = wire().client(head + body);
      const { connection } = await wire().upstream.arrived('/bad-body');
      if (how === 'half') client.halfClose();
      else client.leave(how);
      await connection.left();
      await expectNeverWhole();
    }
  });
});
