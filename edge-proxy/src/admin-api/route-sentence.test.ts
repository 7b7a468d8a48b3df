import { describe, expect, test } from '@jest/globals';
import { revision } from '../domain/weight.ts';
import { routeSentence } from './route-sentence.ts';
import type { RouteFacts } from './route-sentence.ts';
import type { RampView, SideTraffic } from './schemas.ts';

type View = RouteFacts['view'];
type Told = Partial<Omit<RouteFacts, 'view' | 'traffic'>> & {
  view?: Partial<View>;
  traffic?: { old?: Partial<SideTraffic>; new?: Partial<SideTraffic> };
};

const healthy = { state: 'healthy', failing_on: 0, in_flight: 0 } as const;

const VIEW: View = {
  route: 'wod',
  path: '/fitness/wod',
  phase: 'canary',
  weight: 10,
  revision: 7,
  mirror_share: 0,
  retired: false,
  ramp: null,
  changed_by: 'ops@fit.example',
  changed_at: '2026-03-01T03:12:45.000Z',
  reason: 'first step',
  sides: { old: 'legacy', new: 'coach' },
  stored: true,
  acknowledged: { serving: 3, replicas: 3 },
  observed: { share: 10, requests: { old: 1080, new: 120 }, window_seconds: 10 },
  health: { old: { upstream: 'legacy', ...healthy }, new: { upstream: 'coach', ...healthy } },
};

const SET = '10 % of users are on coach since 03:12 UTC (by ops@fit.example: first step).';
const SERVED = 'All 3 edges serve it.';
const DOES = 'In the last 10 s coach failed 0 of 120 requests, legacy 2 of 1,080.';

/** Unless a test says otherwise, the last change brought the weight. */
function told({ view, traffic, ...rest }: Told = {}): string {
  const side = (counts: Partial<SideTraffic>): SideTraffic => ({
    requests: 0,
    failed: 0,
    saved: 0,
    p50_ms: null,
    p95_ms: null,
    p99_ms: null,
    ...counts,
  });
  return routeSentence({
    view: { ...VIEW, ...view },
    epoch: { revision: revision(view?.revision ?? 7), since: view?.changed_at ?? VIEW.changed_at! },
    traffic: {
      at: '2026-03-01T04:00:00.000Z',
      window_seconds: 10,
      weight: 10,
      revision: 7,
      replicas: 3,
      sides: {
        old: side(traffic?.old ?? { requests: 1080, failed: 2 }),
        new: side(traffic?.new ?? { requests: 120 }),
      },
      fallbacks: {},
      withheld: {},
    },
    behind: [],
    store: { kind: 'redis', reachable: true, since: 0 },
    edgesWithoutFallback: 0,
    now: new Date('2026-03-01T04:00:00Z'),
    ...rest,
  });
}

const ill = (state: 'failing' | 'probing', failingOn: number, upstream: string) => ({
  upstream,
  state,
  failing_on: failingOn,
  in_flight: 0,
});
const newSide = (state: 'failing' | 'probing', on = 2) => ({
  view: { health: { old: VIEW.health.old, new: ill(state, on, 'coach') } },
});
const oldSide = (state: 'failing' | 'probing', on = 1) => ({
  view: { health: { old: ill(state, on, 'legacy'), new: VIEW.health.new } },
});
const serving = (count: number) => ({ acknowledged: { serving: count, replicas: 3 } });

test('a canary without trouble: what is set, who serves it, what it does', () => {
  expect(told()).toBe(`${SET} ${SERVED} ${DOES}`);
});

describe('what is set', () => {
  test.each<[string, Partial<View>, string]>([
    ['nobody', { weight: 0 }, 'All users are on legacy since 03:12 UTC (by ops@fit.example: first step).'],
    ['everybody', { weight: 100 }, 'All users are on coach since 03:12 UTC (by ops@fit.example: first step).'],
    ['a hundredth', { weight: 0.01 }, '0.01 % of users are on coach since 03:12 UTC (by ops@fit.example: first step).'],
    [
      'on another day',
      { changed_at: '2026-02-28T23:59:59.999Z' },
      '10 % of users are on coach since 2026-02-28 23:59 UTC (by ops@fit.example: first step).',
    ],
    [
      'by the configuration',
      { changed_by: null, changed_at: null, reason: null, revision: 0 },
      '10 % of users are on coach, as configured; nobody has changed it yet.',
    ],
  ])('%s', (_, view, sentence) => expect(told({ view })).toBe(`${sentence} ${SERVED} ${DOES}`));
});

describe('what it does', () => {
  test.each<[string, Told['traffic'], string]>([
    ['nothing', { old: {}, new: {} }, 'There were no requests in the last 10 s.'],
    ['one side alone', { new: {} }, 'In the last 10 s legacy failed 2 of 1,080 requests.'],
    ['one request', { new: { requests: 1, failed: 1 }, old: {} }, 'In the last 10 s coach failed 1 of 1 request.'],
    [
      'saved by the other side',
      { new: { requests: 120, failed: 1, saved: 4 } },
      'In the last 10 s coach failed 5 of 120 requests (4 of them answered by the other side), legacy 2 of 1,080.',
    ],
  ])('%s', (_, traffic, sentence) => {
    const both = { old: { requests: 1080, failed: 2 }, new: { requests: 120 }, ...traffic };
    expect(told({ traffic: both })).toBe(`${SET} ${SERVED} ${sentence}`);
  });

  test('before the first sample', () => {
    expect(routeSentence({ ...facts(), traffic: undefined })).toContain('There were no requests in the last 10 s.');
  });
});

describe('who serves it', () => {
  test.each<[number, string]>([
    [1, `${SET} The only edge serves it. ${DOES}`],
    [2, `${SET} Both edges serve it. ${DOES}`],
    [1200, `${SET} All 1,200 edges serve it. ${DOES}`],
  ])('all %d edges', (replicas, sentence) => {
    expect(told({ view: { acknowledged: { serving: replicas, replicas } } })).toBe(sentence);
  });

  test.each<[string, Told, string]>([
    [
      'one is behind',
      { view: serving(2), behind: [{ id: 'edge-3', revision: 6, silentSeconds: undefined }] },
      'Only 2 of 3 edges serve this weight: edge-3 serves revision 6.',
    ],
    [
      'one is silent, one does not know the route',
      {
        view: serving(1),
        behind: [
          { id: 'edge-2', revision: undefined, silentSeconds: undefined },
          { id: 'edge-3', revision: 6, silentSeconds: 12.4 },
        ],
      },
      'Only 1 of 3 edges serves this weight: edge-2 does not have the route; edge-3 was last heard of 12 s ago.',
    ],
    [
      'many are behind',
      {
        view: { acknowledged: { serving: 0, replicas: 6 } },
        behind: [1, 2, 3, 4, 5, 6].map((n) => ({ id: `edge-${n}`, revision: 6, silentSeconds: undefined })),
      },
      'None of 6 edges serves this weight: edge-1 serves revision 6; edge-2 serves revision 6; ' +
        'edge-3 serves revision 6; 3 more.',
    ],
  ])('%s: said first', (_, odd, sentence) => expect(told(odd)).toBe(`${sentence} ${SET} ${DOES}`));
});

describe('what is wrong comes first:', () => {
  const down = { kind: 'redis', reachable: false, since: Date.parse('2026-03-01T03:30:00Z') } as const;
  const DOWN =
    'The redis store has been out of reach since 03:30 UTC: weights stay as they are, and nothing but a rollback is possible.';
  const HERE_ONLY =
    'The rollback is in force on this edge only, as the store is out of reach: ' +
    'other edges may still be where they were; roll back on each of them.';

  test.each<[string, Told, string]>([
    ['the store is down', { store: down }, DOWN],
    ['a rollback is not stored', { store: down, view: { stored: false } }, `${HERE_ONLY} ${DOWN}`],
    ['the new side fails', newSide('failing'), 'coach is failing on 2 of 3 edges: legacy answers for it where it can.'],
    ['the new side is probed', newSide('probing'), 'coach was failing on 2 of 3 edges and is being tried again.'],
    [
      'the old side is gone',
      { ...oldSide('failing'), edgesWithoutFallback: 1 },
      'legacy cannot be reached on 1 of 3 edges: its users get errors, and nothing can fall back to it.',
    ],
    [
      'the old side is probed',
      oldSide('probing'),
      'legacy could not be reached on 1 of 3 edges and is being tried again.',
    ],
    [
      'the old side answers errors',
      { edgesWithoutFallback: 3 },
      'legacy answers many errors on 3 of 3 edges: nothing falls back to it there.',
    ],
  ])('%s', (_, odd, sentence) => expect(told(odd)).toBe(`${sentence} ${SET} ${SERVED} ${DOES}`));

  test('the worst of everything', () => {
    const view = { ...newSide('failing').view, ...serving(2), stored: false };
    const behind = [{ id: 'edge-3', revision: 6, silentSeconds: 70 }];
    expect(told({ view, behind, store: down, edgesWithoutFallback: 1 })).toBe(
      [
        HERE_ONLY,
        DOWN,
        'coach is failing on 2 of 3 edges: legacy answers for it where it can.',
        'legacy answers many errors on 1 of 3 edges: nothing falls back to it there.',
        'Only 2 of 3 edges serve this weight: edge-3 was last heard of 70 s ago.',
        SET,
        DOES,
      ].join(' '),
    );
  });

  test('an edge that cannot see others does not say that there are none', () => {
    const view = { acknowledged: { serving: 1, replicas: 1 } };
    expect(told({ view, store: down })).toBe(`${DOWN} ${SET} ${DOES}`);
  });

  test('on a single edge nobody counts edges', () => {
    const view = { ...newSide('failing', 1).view, acknowledged: { serving: 1, replicas: 1 } };
    expect(told({ view })).toMatch(/^coach is failing: legacy answers for it where it can\. /);
  });
});

describe('a ramp', () => {
  const steps = [10, 25, 50, 100].map((weight) => ({ weight, bake_seconds: 600, approve: 'auto' as const }));
  const ramp = (phase: RampView['phase'], members: Partial<RampView> = {}): RampView => ({
    plan: { steps: '10 % for 10 m, …', on_fail: 'rollback', judged_by: 'people', minimum_users: 20 },
    phase,
    step: 2,
    steps,
    started_at_revision: 5,
    step_since: '2026-03-01T03:55:00.000Z',
    baked: false,
    ...members,
  });

  test.each<[RampView['phase'], Partial<RampView>, string]>([
    ['running', {}, 'The ramp is at step 2 of 4, until 04:05 UTC at least.'],
    ['running', { baked: true }, 'The ramp is at step 2 of 4.'],
    ['paused', {}, 'The ramp is paused at step 2 of 4, and still judged.'],
    ['completed', { step: 4 }, 'The ramp has completed, and is still judged.'],
  ])('%s that goes on by itself is told after who serves it', (phase, members, sentence) => {
    expect(told({ view: { ramp: ramp(phase, members) } })).toBe(`${SET} ${SERVED} ${sentence} ${DOES}`);
  });

  test.each<[RampView['phase'], string]>([
    ['waiting', 'The ramp waits at step 2 of 4 for somebody to promote it.'],
    [
      'frozen',
      'The ramp is frozen at step 2 of 4: it is not judged until somebody resumes it, rolls back or sets a weight.',
    ],
  ])('%s needs somebody, and is told first', (phase, sentence) => {
    expect(told({ view: { ramp: ramp(phase) } })).toBe(`${sentence} ${SET} ${SERVED} ${DOES}`);
  });

  test('that was rolled back by itself says why', () => {
    const why = 'coach failed 7.1 % of people, of whom it may fail 1 %';
    const view = { ramp: ramp('rolled-back'), weight: 0, changed_by: 'ramp', reason: why };
    expect(told({ view })).toBe(
      `The ramp was rolled back to legacy at step 2 of 4. All users are on legacy since 03:12 UTC (by ramp: ${why}). ` +
        `${SERVED} ${DOES}`,
    );
  });

  test.each<[RampView['phase'], number]>([
    ['rolled-back', 10],
    ['cancelled', 10],
  ])('%s, before somebody set a weight, is history', (phase, weight) => {
    expect(told({ view: { ramp: ramp(phase), weight } })).toBe(`${SET} ${SERVED} ${DOES}`);
  });
});

test('a change that left the weight alone is told apart from the one that brought it', () => {
  const epoch = { revision: revision(6), since: '2026-03-01T02:00:00Z' };
  expect(told({ view: { mirror_share: 20, reason: 'compare' }, epoch })).toBe(
    '10 % of users are on coach since 02:00 UTC. The last change was at 03:12 UTC (by ops@fit.example: compare). ' +
      `${SERVED} 20 % of safe requests are mirrored to the other side. ${DOES}`,
  );
});

describe('a retired route', () => {
  const retired = { retired: true, weight: 100, phase: 'retired' } as const;
  const SET_ALL = 'All users are on coach since 03:12 UTC (by ops@fit.example: first step).';
  const NO_WAY_BACK = 'The route is retired: legacy answers nothing, even where coach fails.';

  test('has no way back', () => {
    expect(told({ view: retired })).toBe(`${SET_ALL} ${SERVED} ${NO_WAY_BACK} ${DOES}`);
  });

  test('is not saved by the old side, and misses nothing without it', () => {
    const { health } = newSide('failing').view;
    expect(told({ view: { ...retired, health } })).toMatch(
      /^coach is failing on 2 of 3 edges: its users get errors\. All/,
    );
    expect(told({ view: { ...retired, ...oldSide('failing').view }, edgesWithoutFallback: 1 })).toMatch(/^All users/);
  });
});

function facts(): RouteFacts {
  return {
    view: VIEW,
    traffic: undefined,
    behind: [],
    epoch: { revision: revision(7), since: VIEW.changed_at! },
    store: { kind: 'file', reachable: true, since: 0 },
    edgesWithoutFallback: 0,
    now: new Date('2026-03-01T04:00:00Z'),
  };
}
