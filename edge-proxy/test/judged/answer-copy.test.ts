import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import type { AnswerCopy } from '../../src/data-plane/answer-copy.ts';
import { COPY_LIMIT_BYTES, startPlane, until } from './plane-under-test.ts';
import type { Asking, PlaneUnderTest } from './plane-under-test.ts';

/** Large enough not to be kept back until it is complete. */
const STREAMED_BYTES = 80_000;

let plane: PlaneUnderTest;
beforeEach(async () => {
  plane = await startPlane();
});
afterEach(async () => await plane[Symbol.asyncDispose]());

const text =
  (status: number, body: string, length = true): Behaviour =>
  (_request, res) =>
    void res.writeHead(status, length ? { 'content-length': body.length } : {}).end(body);

const breaksOff =
  (promised: number, sent: string): Behaviour =>
  (_request, res) => {
    res.writeHead(200, { 'content-length': promised }).write(sent, () => res.socket?.resetAndDestroy());
  };

async function copyOf(asking?: Asking): Promise<{ copy: AnswerCopy; body: string }> {
  const { body } = await plane.get(asking);
  await until(() => plane.followed.length === 1);
  return { copy: plane.followed[0]!.request.copy!, body };
}

describe('the copy of an answer is what the client got', () => {
  test.each<[string, Behaviour, Asking, number]>([
    ['that is short', text(200, 'short'), {}, 200],
    ['that has no length', text(200, 'chunked', false), {}, 200],
    ['that is streamed', text(200, 'x'.repeat(STREAMED_BYTES)), {}, 200],
    ['that grows too large to be kept back', text(200, 'x'.repeat(STREAMED_BYTES), false), {}, 200],
    ['that is an error', text(404, 'nothing'), {}, 404],
    ['to HEAD', text(200, ''), { method: 'HEAD' }, 200],
    ['without content', text(204, '', false), {}, 204],
    ['that nothing changed', text(304, '', false), {}, 304],
    ['to an upload', text(201, 'made'), { method: 'POST' }, 201],
  ])('%s', async (_, behaviour, asking, status) => {
    plane.coach.behave(behaviour);
    const { copy, body } = await copyOf(asking);
    expect({ status: copy.status, isWhole: copy.isWhole, body: copy.body.toString() }).toEqual({
      status,
      isWhole: true,
      body,
    });
  });

  test('has its fields as they were sent', async () => {
    plane.coach.behave((_request, res) => sendJson(res, {}, { 'X-Served-By': 'coach', 'X-Failed-Dependency': 'x' }));
    const { copy } = await copyOf();
    const fields = copy.headers.map(String);
    expect(fields[fields.indexOf('X-Failed-Dependency') + 1]).toBe('x');
  });

  test.each<[string, Behaviour]>([
    ['failed', text(500, 'sorry')],
    ['broke off while it was kept back', breaksOff(100, 'the first half')],
  ])('of the other side, if the first %s', async (_, behaviour) => {
    plane.coach.behave(behaviour);
    plane.legacy.behave(text(200, 'saved'));
    const { copy } = await copyOf();
    expect([copy.status, copy.isWhole, copy.body.toString()]).toEqual([200, true, 'saved']);
    expect(plane.followed[0]!.outcome.fallback).toBeDefined();
  });
});

describe('the copy is not whole', () => {
  test('of an answer that broke off', async () => {
    plane.coach.behave(breaksOff(STREAMED_BYTES, 'x'.repeat(1000)));
    await expect(plane.get()).rejects.toThrow();
    await until(() => plane.followed.length === 1);
    expect(plane.followed[0]!.request.copy!.isWhole).toBe(false);
  });

  test('of an answer that is too large', async () => {
    plane.coach.behave(text(200, 'x'.repeat(COPY_LIMIT_BYTES + 1)));
    const { copy } = await copyOf();
    expect([copy.isWhole, copy.isTooLarge, copy.body.length]).toEqual([false, true, 0]);
  });

  test('of an answer that the client did not wait for', async () => {
    plane.coach.behave((_request, res) => {
      res.writeHead(200, { 'content-length': STREAMED_BYTES }).write('the beginning');
    });
    const leaving = new AbortController();
    const visit = plane.get({ signal: leaving.signal });
    await plane.coach.arrived('/', 1);
    leaving.abort();
    await expect(visit).rejects.toThrow();
    await until(() => plane.followed.length === 1);
    expect(plane.followed[0]!.outcome.fault).toBe('client-left');
    expect(plane.followed[0]!.request.copy!.isWhole).toBe(false);
  });

  test("of the edge's own answer", async () => {
    await Promise.all([plane.coach.refuse(), plane.legacy.refuse()]);
    const { copy } = await copyOf();
    expect([copy.status, copy.isWhole]).toEqual([0, false]);
  });
});
