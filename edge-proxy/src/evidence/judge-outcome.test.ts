import { describe, expect, test } from '@jest/globals';
import type { Service, Standing } from './judge-outcome.ts';
import { metBy, standingOf } from './judge-outcome.ts';
import { FAILED, NOTHING, REJECTED, SLOW } from './met.ts';
import type { Met } from './met.ts';

const good: Service = { status: 200, isSaved: false, fault: undefined, durationMs: 40 };
const LATE = { durationMs: 5001 };

type Case = [name: string, how: Partial<Service>, withToken: [Met, Standing], without: [Met, Standing]];

const AT_ONCE: [Met, Standing] = [NOTHING, 'at-once'];

const CASES: Case[] = [
  ['a good answer', {}, AT_ONCE, AT_ONCE],
  ['a redirect', { status: 302 }, AT_ONCE, AT_ONCE],
  ['a good answer just in time', { durationMs: 5000 }, AT_ONCE, AT_ONCE],
  ['a slow answer', LATE, [SLOW, 'at-once'], [SLOW, 'at-once']],
  ['one that the other side gave', { isSaved: true }, [FAILED, 'at-once'], [FAILED, 'at-once']],
  [
    'one that the other side gave late',
    { isSaved: true, ...LATE },
    [FAILED | SLOW, 'at-once'],
    [FAILED | SLOW, 'at-once'],
  ],
  ['500', { status: 500 }, [FAILED, 'if-genuine'], [FAILED, 'at-once']],
  ["the edge's own 503", { status: 503, fault: 'breaker-open' }, [FAILED, 'if-genuine'], [FAILED, 'at-once']],
  ['a cut', { fault: 'reset' }, [FAILED, 'if-genuine'], [FAILED, 'at-once']],
  ['no bytes at all', { status: undefined, fault: 'reset' }, [FAILED, 'if-genuine'], [FAILED, 'at-once']],
  ['401', { status: 401 }, [FAILED, 'if-genuine'], [REJECTED, 'never']],
  ['403', { status: 403 }, [FAILED, 'if-genuine'], [REJECTED, 'never']],
  ['401 of the other side', { status: 401, isSaved: true }, [FAILED, 'if-genuine'], [FAILED, 'never']],
  ['404', { status: 404 }, [REJECTED, 'if-genuine'], [REJECTED, 'at-once']],
  ['429, slowly', { status: 429, ...LATE }, [REJECTED | SLOW, 'if-genuine'], [REJECTED | SLOW, 'at-once']],
  [
    'a request that cannot be passed on',
    { status: 400, fault: 'invalid-request' },
    [REJECTED, 'if-genuine'],
    [REJECTED, 'at-once'],
  ],
  [
    'a client that left at once',
    { status: undefined, fault: 'client-left' },
    [REJECTED, 'if-genuine'],
    [REJECTED, 'at-once'],
  ],
  [
    'a client that left after the objective',
    { status: undefined, fault: 'client-left', ...LATE },
    [SLOW, 'if-genuine'],
    [SLOW, 'at-once'],
  ],
  [
    'a client that left within a good answer',
    { fault: 'client-left' },
    [REJECTED, 'if-genuine'],
    [REJECTED, 'at-once'],
  ],
  [
    'a client that stopped sending',
    { status: 408, fault: 'client-silent' },
    [REJECTED, 'if-genuine'],
    [REJECTED, 'at-once'],
  ],
];

describe.each(CASES)('%s', (_, how, withToken, without) => {
  test.each([
    ['with a token', true, withToken],
    ['without one', false, without],
  ])('%s', (_name, hasToken, expected) => {
    const service = { ...good, ...how };
    expect([metBy(service, { objectiveMs: 5000, hasToken }), standingOf(service, hasToken)]).toEqual(expected);
  });
});
