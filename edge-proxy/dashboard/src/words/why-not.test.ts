import { describe, expect, test } from '@jest/globals';
import type { RouteView, Session } from '@fit/edge-proxy/admin-api/schemas';
import { whyNotApply, whyNotOrder, whyNotRollback } from './why-not.ts';
import type { WeightDecision } from './why-not.ts';

const OPERATOR: Session = { actor: 'ops', roles: ['operator'], may_change: true, expires_at: null };
const VIEWER: Session = { actor: 'guest', roles: ['viewer'], may_change: false, expires_at: null };
const NOT_ALLOWED = 'Your role (viewer) may look, but not change. It takes the role operator or admin.';

describe('a weight', () => {
  const good: WeightDecision = {
    session: OPERATOR,
    store: 'up',
    isBusy: false,
    hasConflict: false,
    typed: { ok: true, weight: 20 },
    current: 10,
    reason: 'more',
  };

  test.each<[string, Partial<WeightDecision>, string | undefined]>([
    ['all is well', {}, undefined],
    ['nothing is heard of the store', { store: undefined }, undefined],
    ['a viewer asks', { session: VIEWER, store: 'down' }, NOT_ALLOWED],
    ['it is under way', { isBusy: true, store: 'down' }, 'Being applied …'],
    [
      'the store is down',
      { store: 'down', hasConflict: true },
      'The store cannot be reached: only rollback works now.',
    ],
    [
      'somebody else was first',
      { hasConflict: true, typed: { ok: false, problem: 'x' } },
      'Somebody else changed it meanwhile: decide again first.',
    ],
    ['it is none', { typed: { ok: false, problem: 'must be a number' }, reason: '' }, 'must be a number'],
    ['it is there already', { current: 20, reason: '' }, 'This is the weight in force.'],
    ['nobody says why', { reason: ' ' }, 'Say why: the reason goes into the audit log.'],
  ])('when %s', (_name, members, expected) => {
    expect(whyNotApply({ ...good, ...members })).toBe(expected);
  });
});

describe('a rollback', () => {
  const route = {
    route: 'wod',
    weight: 0,
    sides: { old: 'legacy', new: 'coach' },
    acknowledged: { serving: 3, replicas: 3 },
  } as RouteView;
  const retired = { ...route, weight: 100, retired: true };
  const behind = { serving: 2, replicas: 3 };

  test.each<[string, RouteView, Session, boolean, string | undefined]>([
    ['nobody is on the new side', route, OPERATOR, true, 'Everybody is on legacy already.'],
    ['what is seen may be old', route, OPERATOR, false, undefined],
    ['an edge may not serve it', { ...route, acknowledged: behind }, OPERATOR, true, undefined],
    ['somebody is on the new side', { ...route, weight: 0.01 }, OPERATOR, true, undefined],
    ['a viewer asks', { ...route, weight: 5 }, VIEWER, true, NOT_ALLOWED],
    ['it is retired', retired, OPERATOR, true, 'There is no way back: wod is retired. Unretire it first.'],
    ['it may not be retired any more', retired, OPERATOR, false, undefined],
  ])('when %s', (_name, view, session, isLive, expected) => {
    expect(whyNotRollback(view, session, isLive)).toBe(expected);
  });
});

test.each<[string, Session, 'up' | 'down' | undefined, string | undefined]>([
  ['all is well', OPERATOR, 'up', undefined],
  ['nothing is heard of the store', OPERATOR, undefined, undefined],
  ['the store is down', OPERATOR, 'down', 'The store cannot be reached: only rollback works now.'],
  ['a viewer asks', VIEWER, 'down', NOT_ALLOWED],
])('an order, when %s', (_name, session, store, expected) => {
  expect(whyNotOrder(session, store)).toBe(expected);
});
