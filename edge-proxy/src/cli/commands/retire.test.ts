import { describe, expect, test } from '@jest/globals';
import type { ChangedRoute, Drill, RetirementView } from '../../admin-api/schemas.ts';
import { startAdminServer } from '../../admin-api/test/admin-server.ts';
import { EXIT } from '../exit-code.ts';
import { WOD, startCannedEdge } from '../test/canned-edge.ts';
import type { Canned } from '../test/canned-edge.ts';
import { TOKEN, edgectl } from '../test/edgectl-in-test.ts';

const WHY = ['--reason', 'the coach does it all'];

const FULL = { ...WOD, weight: 100, phase: 'full' } as const;
const RETIRED: ChangedRoute = {
  ...FULL,
  phase: 'retired',
  retired: true,
  revision: 4,
  before: { revision: 3, weight: 100 },
};

const MET: RetirementView = {
  route: 'wod',
  retired: false,
  may_go: true,
  conditions: [
    { name: 'full', met: true, evidence: 'at 100 % since 2026-02-01' },
    { name: 'drilled', met: true, evidence: 'drilled \u001b[31mlast week' },
  ],
  last_served: { weight: '2026-02-01T03:00:00.000Z', fallback: null, override: null, direct: null },
};
const UNMET: RetirementView = {
  ...MET,
  may_go: false,
  conditions: [MET.conditions[0]!, { name: 'drilled', met: false, evidence: 'no rollback was drilled' }],
};
const STAYS = 'the old code must stay: 1 of 2 conditions not met (drilled)';

/** Runs the command on an edge that answers so; `answers` are those of somebody at a terminal, in their order. */
async function told(argv: readonly string[], canned: Canned, answers?: string[]) {
  await using edge = await startCannedEdge({ routes: [FULL], changed: RETIRED, ...canned });
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return answers?.shift();
  };
  const env = { EDGE_ADMIN_URL: edge.url, EDGE_ADMIN_TOKEN: TOKEN };
  const said = await edgectl(argv, { env, ...(answers && { ask }) });
  const change = edge.requests.find(({ method }) => method !== 'GET');
  return { ...said, questions, sent: change && { url: change.url, ifMatch: change.headers['if-match'] } };
}

describe('retire check', () => {
  test('says what is met and with which evidence, and ends with 0', async () => {
    expect(await told(['retire', 'check', 'wod'], { retirement: MET })).toMatchObject({
      code: EXIT.done,
      err: '',
      out: [
        'CONDITION  MET  EVIDENCE',
        'full       yes  at 100 % since 2026-02-01',
        'drilled    yes  drilled \ufffd[31mlast week',
        '',
        'The old side was last used, by why: weight 2026-02-01 03:00:00Z, fallback never, override never, direct never',
        'wod: The old code may go.',
        '',
      ].join('\n'),
      sent: undefined,
    });
  });

  test('ends with a code of its own while something is not met', async () => {
    const { code, out, err } = await told(['retire', 'check', 'wod'], { retirement: UNMET });
    expect({ code, err }).toEqual({ code: EXIT.unmet, err: `edgectl: ${STAYS}\n` });
    expect(out).toMatch(/\ndrilled +no +no rollback was drilled\n.*\nwod: The old code must stay\.\n$/s);
    const json = await told(['retire', 'check', 'wod', '--json'], { retirement: UNMET });
    expect({ code: json.code, value: JSON.parse(json.out) }).toEqual({ code: EXIT.unmet, value: UNMET });
  });
});

describe('retire', () => {
  test('shows the conditions, asks, and follows the revision that it saw', async () => {
    const { code, out, questions, sent } = await told(['retire', 'wod', ...WHY], { retirement: MET }, ['y']);
    expect(questions).toEqual([
      'wod: retired, legacy answers nothing any more: where coach fails, people get a 503, and a rollback is refused ' +
        'until edgectl unretire.\nGo on? [y/N] ',
    ]);
    expect({ code, sent }).toEqual({ code: EXIT.done, sent: { url: '/admin/v1/routes/wod/retire', ifMatch: '"3"' } });
    expect(out).toMatch(/^CONDITION .*\nwod: retired \(revision 3 → 4\)\nlegacy answers nothing any more; .*\nack/s);
  });

  test('is refused while a condition is not met, unless it is told so', async () => {
    const words = ['retire', 'wod', '--yes', ...WHY];
    const refused = await told(words, { retirement: UNMET });
    expect(refused).toMatchObject({ code: EXIT.unmet, sent: undefined, out: expect.stringContaining('must stay') });
    expect(refused.err).toBe(`edgectl: ${STAYS}; nothing is changed (--despite-unmet-conditions does it)\n`);
    const forced = await told([...words, '--despite-unmet-conditions'], { retirement: UNMET });
    expect(forced).toMatchObject({ code: EXIT.done, sent: { ifMatch: '"3"' } });
  });

  test('as JSON is one value: the route, or why not', async () => {
    const words = ['retire', 'wod', '--yes', '--json', ...WHY];
    expect(JSON.parse((await told(words, { retirement: MET })).out)).toEqual(RETIRED);
    expect(JSON.parse((await told(words, { retirement: UNMET })).out)).toEqual(UNMET);
  });

  test.each([[['n']], [['']]])('answered by %j changes nothing', async (answers) => {
    const { code, sent } = await told(['retire', 'wod', ...WHY], { retirement: MET }, answers);
    expect({ code, sent }).toEqual({ code: EXIT.usage, sent: undefined });
  });

  test('without a terminal needs --yes, and says so before anything is asked of the edge', async () => {
    const { code, err } = await told(['retire', 'wod', ...WHY], {});
    expect({ code, err }).toEqual({ code: EXIT.usage, err: expect.stringMatching(/--yes\n$/) });
  });

  test('unretire gives the way back back', async () => {
    const changed = { ...RETIRED, retired: false, phase: 'full' } as const;
    const { code, out } = await told(['unretire', 'wod', ...WHY], { changed });
    expect(code).toBe(EXIT.done);
    expect(out).toContain('wod: unretired: legacy answers again where coach fails (revision 3 → 4)\n');
  });
});

describe('drill', () => {
  const DRILL: Drill = {
    route: 'wod',
    rollback_ms: 312,
    acknowledged: true,
    replicas: 3,
    restored: true,
    weight: 25,
    revision: 7,
  };

  test('says how long the rollback took, and where the route is now', async () => {
    const { code, out, sent } = await told(['drill', 'wod', ...WHY], { drill: DRILL });
    expect({ code, sent }).toEqual({
      code: EXIT.done,
      sent: { url: '/admin/v1/routes/wod/drill', ifMatch: undefined },
    });
    expect(out).toBe('wod: rollback drilled: 0 % on all 3 edges after 312 ms\nNow at 25 % (revision 7).\n');
  });

  test.each<[string, Partial<Drill>, number, string, string]>([
    [
      'nobody acknowledged in time',
      { acknowledged: false },
      EXIT.unreachable,
      'not on all 3 edges within 312 ms',
      'not every',
    ],
    ['somebody else changed the route', { restored: false }, EXIT.conflict, '0 % on all 3 edges', 'somebody else'],
    ['there is but one edge', { replicas: 1 }, EXIT.done, '0 % on the only edge after 312 ms', ''],
  ])('says if %s', async (_, members, code, said, why) => {
    const { out, err, ...ended } = await told(['drill', 'wod', ...WHY], { drill: { ...DRILL, ...members } });
    expect(ended.code).toBe(code);
    expect(out).toContain(said);
    expect(err).toContain(why);
  });

  test('is done for real', async () => {
    await using server = await startAdminServer();
    const env = { EDGE_ADMIN_URL: server.url, EDGE_ADMIN_TOKEN: server.tokenFor('operator') };
    await edgectl(['weight', 'wod', '25', ...WHY], { env });
    const { code, out } = await edgectl(['drill', 'wod', ...WHY], { env });
    expect(code).toBe(EXIT.done);
    expect(out).toMatch(/^wod: rollback drilled: 0 % on the only edge after \d+ ms\nNow at 25 % \(revision 3\)\.\n$/);
  });
});
