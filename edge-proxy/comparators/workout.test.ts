import { describe, expect, test } from '@jest/globals';
import type { SuggestedExercise } from '@fit/contracts/workout-of-the-day';
import type { CheckContext, ComparedAnswer, CompareRules } from '../src/parity/comparator.ts';
import { createWorkoutComparator } from './workout.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const RULES: CompareRules = { headers: ['content-type'], ignore: [], tolerance: {} };

function exercise(id: number, more: Partial<SuggestedExercise> = {}): SuggestedExercise {
  return {
    id,
    name: `exercise ${id}`,
    description: '',
    difficulty: 2,
    muscle_groups: [
      { id: 1, name: 'chest', body_part: 'chest', is_primary: true, intensity: 1 },
      { id: 2, name: 'triceps', body_part: 'arms', is_primary: false, intensity: 0.6 },
    ],
    suggested_weight: 20,
    suggested_reps: 9,
    ...more,
  };
}

type Body = { exercises: unknown[]; generated_at: unknown; [other: string]: unknown };

function workout(exercises: unknown[], more: Partial<Body> = {}): Body {
  return { exercises, generated_at: new Date(NOW).toISOString(), ...more };
}

function answer(body: unknown, status = 200): ComparedAnswer {
  return { status, headers: {}, body, text: JSON.stringify(body), digest: undefined };
}

const six = (from = 1, more?: Partial<SuggestedExercise>) =>
  Array.from({ length: 6 }, (_, at) => exercise(from + at, more));

describe('two workouts', () => {
  const differences = (old: ComparedAnswer, fresh: ComparedAnswer, rules = RULES) =>
    createWorkoutComparator(rules, () => NOW)
      .compare(old, fresh)
      .map((each) => [each.field, each.old, each.new]);

  test('that were drawn and made at different times say the same', () => {
    const later = workout(six(7), { generated_at: '2026-03-10T12:00:09.5Z' });
    expect(differences(answer(workout(six())), answer(later))).toEqual([]);
  });

  test('may have everything in another order', () => {
    const [first, ...rest] = six();
    const shuffled = { ...first!, muscle_groups: first!.muscle_groups.toReversed() };
    expect(differences(answer(workout(six())), answer(workout([...rest, shuffled])))).toEqual([]);
  });

  test.each<[Partial<SuggestedExercise>, string, string, string]>([
    [{ name: 'other' }, 'name', '"exercise 1"', '"other"'],
    [{ description: 'x' }, 'description', '""', '"x"'],
    [{ difficulty: 3 }, 'difficulty', '2', '3'],
    [{ suggested_weight: 19.5 }, 'suggested_weight', '20', '19.5'],
    [{ suggested_reps: 8 }, 'suggested_reps', '9', '8'],
    [{ muscle_groups: exercise(1).muscle_groups.slice(0, 1) }, 'muscle_groups', 'a list of 2', 'a list of 1'],
  ])('with %j of the same exercise differ', (more, field, old, fresh) => {
    const other = [exercise(1, more), ...six(20).slice(1)];
    expect(differences(answer(workout(six())), answer(workout(other)))).toEqual([
      [`body.exercises[].${field}`, old, fresh],
    ]);
  });

  test('differ by no more than the rules allow', () => {
    const rules = {
      ...RULES,
      ignore: ['body.exercises[].name'],
      tolerance: { 'body.exercises[].suggested_weight': 0.5 },
    };
    const other = workout(six(1, { name: 'x', suggested_weight: 20.5, suggested_reps: 1 }));
    expect(differences(answer(workout(six())), answer(other), rules)).toEqual(
      Array.from({ length: 6 }, () => ['body.exercises[].suggested_reps', '9', '1']),
    );
  });

  test.each<[string, ComparedAnswer, ComparedAnswer, unknown[][]]>([
    ['status', answer(workout(six())), answer({}, 409), [['status', '200', '409']]],
    [
      'five exercises',
      answer(workout(six())),
      answer(workout(six().slice(1))),
      [['body.exercises', 'as the contract says', expect.stringContaining('6')]],
    ],
    [
      'a difficulty beyond its range, on the old side',
      answer(workout([exercise(1, { difficulty: 6 }), ...six().slice(1)])),
      answer(workout(six())),
      [['body.exercises[].difficulty', expect.stringContaining('5'), 'as the contract says']],
    ],
    [
      'no body at all',
      answer(workout(six())),
      answer(undefined),
      [['body', 'as the contract says', expect.any(String)]],
    ],
    [
      'an unknown member',
      answer(workout(six())),
      answer(workout(six(), { extra: 1 })),
      [['body', 'as the contract says', expect.stringContaining('extra')]],
    ],
    [
      'problems of different kinds',
      answer({ type: 'a', detail: 'x' }, 409),
      answer({ type: 'b', detail: 'y' }, 409),
      [['body.type', '"a"', '"b"']],
    ],
    ['problems of one kind', answer({ type: 'a', detail: 'x' }, 409), answer({ type: 'a', detail: 'y' }, 409), []],
    ['answers to a HEAD', { ...answer(undefined), text: '' }, { ...answer(undefined), text: '' }, []],
  ])('%s', (_what, old, fresh, expected) => {
    expect(differences(old, fresh)).toEqual(expected);
  });
});

describe('what a side said a while ago', () => {
  /** Pairs of what both sides say of exercise 1, with the seconds; undefined: it was not drawn. */
  const play = (...steps: [at: number, old: string | undefined, fresh: string | undefined][]) => {
    let now = NOW;
    const comparator = createWorkoutComparator(RULES, () => now);
    const said = (name: string | undefined, other: number) =>
      answer(workout([...(name === undefined ? [] : [exercise(1, { name })]), ...six(other)].slice(0, 6)));
    return steps.map(([at, old, fresh]) => {
      now = NOW + at * 1000;
      return comparator.compare(said(old, 100), said(fresh, 200)).length;
    });
  };

  test.each<[string, Parameters<typeof play>, number[]]>([
    [
      'counts for a minute',
      [
        [0, 'A', undefined],
        [50, undefined, 'B'],
      ],
      [0, 1],
    ],
    [
      'and no longer',
      [
        [0, 'A', undefined],
        [61, undefined, 'B'],
      ],
      [0, 0],
    ],
    [
      'whichever side said it',
      [
        [0, undefined, 'B'],
        [10, 'A', undefined],
      ],
      [0, 1],
    ],
    [
      'a new side that lags behind a change is right',
      [
        [0, 'A', 'A'],
        [5, 'B', 'A'],
        [9, undefined, 'A'],
        [40, 'B', 'B'],
      ],
      [0, 0, 0, 0],
    ],
    [
      'but not for ever',
      [
        [0, 'A', 'A'],
        [5, 'B', 'A'],
        [700, 'B', 'A'],
      ],
      [0, 0, 1],
    ],
    [
      'a new side that knows of a change first is right, until the old one is heard again',
      [
        [0, 'A', 'A'],
        [5, undefined, 'B'],
        [9, 'A', 'B'],
      ],
      [0, 0, 1],
    ],
    [
      'a new side that goes wrong is wrong at once',
      [
        [0, 'A', 'A'],
        [5, 'A', 'B'],
      ],
      [0, 1],
    ],
  ])('%s', (_what, steps, expected) => {
    expect(play(...steps)).toEqual(expected);
  });
});

describe('a live answer', () => {
  const history = (date: string, ids: number[]) => async (target: string) =>
    target === `/fitness/history?date=${date}` ? { date, exercise_ids: ids } : undefined;

  const context = (more: Partial<CheckContext> = {}): CheckContext => ({
    method: 'GET',
    target: '/fitness/wod',
    claims: { zoneinfo: 'Europe/Berlin' },
    fetchFromOld: history('2026-03-09', []),
    ...more,
  });

  const rules = async (body: unknown, more?: Partial<CheckContext>, now = NOW) => {
    const { check } = createWorkoutComparator(RULES, () => now);
    return (await check!(answer(body), context(more))).map(({ rule, found }) => `${rule}: ${found}`);
  };

  test.each<[string, unknown, Partial<CheckContext>, string[]]>([
    ['is sound', workout(six()), {}, []],
    ['five', workout(six().slice(1)), {}, ['six exercises: 5']],
    ['seven', workout([...six(), exercise(9)]), {}, ['six exercises: 7']],
    ['one twice', workout([...six().slice(1), exercise(2)]), {}, ['no exercise twice: 2, 3, 4, 5, 6, 2']],
    [
      'no reps',
      workout(six(1, { suggested_reps: 0 })),
      {},
      [expect.stringMatching(/^as the contract says: body.exercises\[\].suggested_reps: /) as never],
    ],
    ['no JSON', undefined, {}, [expect.stringMatching(/^as the contract says: body: /) as never]],
    [
      'of last year',
      workout(six(), { generated_at: '2025-03-10T12:00:00Z' }),
      {},
      ['made just now: 2025-03-10T12:00:00Z'],
    ],
    [
      'of a local time',
      workout(six(), { generated_at: '2026-03-10T12:00:00+01:00' }),
      {},
      [expect.stringMatching(/^as the contract says: body.generated_at: /) as never],
    ],
    [
      'done yesterday',
      workout(six()),
      { fetchFromOld: history('2026-03-09', [3, 5, 99]) },
      ['none from yesterday: 3, 5'],
    ],
    ['done on another day', workout(six()), { fetchFromOld: history('2026-03-10', [3, 5, 99]) }, []],
    ['no history to be had', workout(six()), { fetchFromOld: async () => undefined }, []],
    [
      'a history that is none',
      workout(six()),
      { fetchFromOld: async () => ({ date: '2026-03-09', exercise_ids: ['3'] }) },
      [],
    ],
    [
      'the history of another day',
      workout(six()),
      { fetchFromOld: async () => ({ date: '2026-03-08', exercise_ids: [3] }) },
      [],
    ],
    ['an answer to a HEAD', undefined, { method: 'HEAD' }, []],
  ])('%s', async (_what, body, more, expected) => {
    expect(await rules(body, more)).toEqual(expected);
  });

  test.each([201, 204, 206, 302, 304])('of status %d is broken, whatever it holds', async (status) => {
    const { check } = createWorkoutComparator(RULES, () => NOW);
    const broken = [{ rule: 'status 200', found: String(status) }];
    expect(await check!(answer(workout(six()), status), context())).toEqual(broken);
  });

  test.each([
    ['Pacific/Auckland', '2026-03-10T12:00:00Z', '2026-03-10'],
    ['America/New_York', '2026-03-10T03:30:00Z', '2026-03-08'],
    [undefined, '2026-03-10T00:30:00Z', '2026-03-09'],
    ['no zone', '2026-03-10T00:30:00Z', '2026-03-09'],
  ])('in %s at %s must have nothing of %s', async (zoneinfo, at, yesterday) => {
    const more = { claims: { zoneinfo }, fetchFromOld: history(yesterday, [1]) };
    const body = workout(six(), { generated_at: at });
    expect(await rules(body, more, Date.parse(at))).toEqual(['none from yesterday: 1']);
  });

  test('just after midnight may be of either day', async () => {
    const at = '2026-03-10T00:00:20Z';
    const asked: string[] = [];
    const fetchFromOld = (target: string) => Promise.resolve(asked.push(target));
    const body = workout(six(), { generated_at: at });
    expect(await rules(body, { claims: {}, fetchFromOld }, Date.parse(at))).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('without a token is checked in UTC', async () => {
    const body = workout(six());
    expect(await rules(body, { claims: undefined, fetchFromOld: history('2026-03-09', [1]) })).toHaveLength(1);
  });
});
