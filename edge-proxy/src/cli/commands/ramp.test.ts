import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ChangedRoute, VerdictView } from '../../admin-api/schemas.ts';
import { startAdminServer } from '../../admin-api/test/admin-server.ts';
import type { AdminServer } from '../../admin-api/test/admin-server.ts';
import { EXIT } from '../exit-code.ts';
import { startCannedEdge } from '../test/canned-edge.ts';
import { TOKEN, edgectl as runEdgectl } from '../test/edgectl-in-test.ts';

const WHY = ['--reason', 'as planned'];

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function edgectl(...argv: string[]) {
  const env = { EDGE_ADMIN_URL: server.url, EDGE_ADMIN_TOKEN: server.tokenFor('operator') };
  return await runEdgectl(argv, { env });
}

const inForce = () => server.holder.current.get('wod');

describe('ramp', () => {
  test('goes by the plan of the route file, and says what is going to happen', async () => {
    expect(await edgectl('ramp', 'wod', ...WHY)).toEqual({
      code: EXIT.done,
      err: '',
      out: [
        'wod: ramp started, 0 % → 10 % (revision 0 → 1)',
        '10 % of the users of /fitness/wod moved from legacy to coach; all others stay where they were.',
        '  1. 10 % for 10 m at least  ← in force',
        '  2. 50 %',
        '  3. 100 %',
        'A step is left once every gate passes, with 20 people on coach at least; ' +
          'if one fails, everybody is sent back to legacy.',
        'It ends at 100 % without asking again: legacy then serves nobody on this route.',
        'Look on with edgectl verdict wod; edgectl pause wod keeps it where it is.',
        'acknowledged: 1 of 1',
        '',
      ].join('\n'),
    });
  });

  test('takes a plan of its own', async () => {
    const own = ['--plan', '1% for 90 s manual,25 %', '--on-fail', 'freeze', '--minimum-users', '5'];
    const { out } = await edgectl('ramp', 'wod', ...own, ...WHY);
    expect(out).toContain('  1. 1 % for 90 s at least, left by edgectl promote wod  ← in force\n  2. 25 %\n');
    expect(out).toContain('with 5 people on coach at least; if one fails, the ramp is frozen.\n');
    expect(out).not.toContain('It ends at 100 %');
    expect(inForce()?.ramp?.plan).toMatchObject({ onFail: 'freeze', minimumUsers: 5 });
  });

  test('is judged by counters alone where no request passes an edge', async () => {
    const gate = { name: 'errors', upstream: 'coach', good: 'ok_total', total: 'all_total' };
    const own = ['--plan', '1 % for 90 s, 25 %', '--judged-by', 'custom-gates'];
    const gates = ['--gates', JSON.stringify({ custom: [gate] })];
    const { code, out } = await edgectl('ramp', 'wod', ...own, ...gates, ...WHY);
    expect(code).toBe(EXIT.done);
    expect(out).toContain(
      'A step is left once every custom gate passes, each with 20 requests at least, whatever people meet; ' +
        'if one fails, everybody is sent back to legacy.\n',
    );
    expect(inForce()?.ramp?.plan).toMatchObject({ judgedBy: 'custom-gates', gates: { custom: [gate] } });
  });

  test('follows the revision that was seen', async () => {
    await edgectl('weight', 'wod', '5', ...WHY);
    expect((await edgectl('ramp', 'wod', '--revision', '0', ...WHY)).code).toBe(EXIT.conflict);
    expect((await edgectl('ramp', 'wod', '--revision', '1', ...WHY)).code).toBe(EXIT.done);
  });

  test.each([
    ['a plan that is none', ['--plan', 'all at once'], 'It must be steps such as "10 % for 10 m, 50 % manual, 100 %"'],
    ['a plan that goes down', ['--plan', '50 %, 10 %'], 'It must have weights that ascend.'],
    ['nobody at least', ['--plan', '50 %', '--minimum-users', '0'], 'Must be a whole number from 1 to 1000.'],
    ['an end that is none', ['--plan', '50 %', '--on-fail', 'shrug'], 'Allowed choices are rollback, freeze'],
    ['an end without a plan', ['--on-fail', 'freeze'], '--on-fail needs --plan'],
    ['judges that are none', ['--plan', '50 %', '--judged-by', 'nobody'], 'Allowed choices are people, custom-gates'],
    [
      'judges that are not there',
      ['--plan', '50 %', '--judged-by', 'custom-gates'],
      'plan.judgedBy needs at least one gate in gates.custom, received "custom-gates"',
    ],
    ['judges without a plan', ['--judged-by', 'custom-gates'], '--judged-by needs --plan'],
    ['gates that are no JSON', ['--plan', '50 %', '--gates', 'errors'], 'Must be JSON such as {"custom": ['],
    [
      'a gate that lacks a counter',
      ['--plan', '50 %', '--gates', '{"custom":[{"name":"a","upstream":"coach","bad":"b"}]}'],
      'plan.gates.custom.0.total ',
    ],
    ['a minimum without a plan', ['--minimum-users', '5'], '--minimum-users needs --plan'],
  ])('with %s is wrong usage', async (_, words, message) => {
    const { code, out, err } = await edgectl('ramp', 'wod', ...words, ...WHY);
    expect({ code, out }).toEqual({ code: EXIT.usage, out: '' });
    expect(err).toContain(message);
    expect(inForce()?.revision).toBe(0);
  });

  test('without any plan is refused', async () => {
    const { code, err } = await edgectl('ramp', 'history', ...WHY);
    expect(code).toBe(EXIT.refused);
    expect(err).toContain('edgectl: not-possible: Route history has no plan of its own: ');
  });
});

test('a ramp is steered, and says how far it is', async () => {
  await edgectl('ramp', 'wod', ...WHY);
  const lines: string[] = [];
  for (const order of ['pause', 'resume', 'promote', 'freeze']) {
    lines.push((await edgectl(order, 'wod', ...WHY)).out.split('\n')[0]!);
  }
  expect(lines).toEqual([
    'wod: ramp 1/3 paused (revision 1 → 2)',
    'wod: ramp 1/3 running (revision 2 → 3)',
    'wod: ramp 2/3 running, 10 % → 50 % (revision 3 → 4)',
    'wod: ramp 2/3 frozen (revision 4 → 5)',
  ]);
  expect((await edgectl('status')).out).toMatch(/wod +\/fitness\/wod +canary, ramp 2\/3 frozen +50 %/);
  const tooLate = await edgectl('promote', 'wod', '--revision', '3', ...WHY);
  expect(tooLate.code).toBe(EXIT.conflict);
  const { code, err } = await edgectl('promote', 'wod', ...WHY);
  expect(code).toBe(EXIT.refused);
  expect(err).toContain('The ramp of wod is frozen: it cannot promote');
});

test('the audit says what each change changed', async () => {
  await edgectl('ramp', 'wod', ...WHY);
  await edgectl('pause', 'wod', ...WHY);
  await edgectl('mirror', 'wod', '20 %', ...WHY);
  await edgectl('mirror', 'wod', '0', ...WHY);
  await edgectl('weight', 'wod', '100', '--yes', ...WHY);
  await edgectl('retire', 'wod', '--yes', '--despite-unmet-conditions', ...WHY);
  await edgectl('unretire', 'wod', ...WHY);
  const { out } = await edgectl('audit', 'wod');
  const changes = out.trimEnd().split('\n').slice(1);
  expect(changes.map((line) => line.split(/ {2,}/)[3])).toEqual([
    'unretired',
    'retired',
    '10 % → 100 %, ramp step 1 cancelled',
    'mirror 0 %',
    'mirror 20 %',
    'ramp step 1 paused',
    '0 % → 10 %, ramp step 1 running',
  ]);
  expect((await edgectl('audit', 'wod', '--limit', '4')).out).toMatch(/ {2}4 +at 10 %, ramp step 1 paused {2}/);
});

describe('verdict', () => {
  const GATES: VerdictView['gates'] = [
    { gate: 'failed', verdict: 'pass', sentence: 'coach failed 0 of 412 people', numbers: { units: 412 } },
    { gate: 'share', verdict: 'not-enough-data', sentence: 'of \u001b[2Jno use yet', numbers: {} },
  ];
  const VERDICT: VerdictView = {
    route: 'wod',
    judged: true,
    at: '2026-03-01T03:00:00.000Z',
    weight: 10,
    epoch: 3,
    gates: GATES,
    decision: { kind: 'hold', sentence: 'the step bakes until 03:10' },
    is_leading: true,
  };

  async function told(verdict: VerdictView, argv: string[] = []) {
    await using edge = await startCannedEdge({ verdict });
    return await runEdgectl(['verdict', 'wod', ...argv], {
      env: { EDGE_ADMIN_URL: edge.url, EDGE_ADMIN_TOKEN: TOKEN },
    });
  }

  test('is a table of gates, and what follows; nothing in it steers the terminal', async () => {
    expect(await told(VERDICT)).toEqual({
      code: EXIT.done,
      err: '',
      out: [
        'wod: 10 % since revision 3, judged 2026-03-01 03:00:00Z',
        '',
        'GATE    VERDICT          SENTENCE',
        'failed  pass             coach failed 0 of 412 people',
        'share   not enough data  of \ufffd[2Jno use yet',
        '',
        'hold: the step bakes until 03:10',
        '',
      ].join('\n'),
    });
  });

  test('that nothing follows from says so', async () => {
    expect((await told({ ...VERDICT, decision: null })).out).toMatch(
      /\n\nNo ramp guards the route: nothing follows from this\.\n$/,
    );
  });

  test('of what is not judged is one line', async () => {
    expect((await edgectl('verdict', 'wod')).out).toBe('wod: nothing is judged at 0 % yet.\n');
  });

  test("as JSON is the server's answer", async () => {
    expect(JSON.parse((await told(VERDICT, ['--json'])).out)).toEqual(VERDICT);
  });
});

test('an edge that does not answer leaves in doubt whether a ramp was started', async () => {
  const changed: Partial<ChangedRoute> = {};
  await using edge = await startCannedEdge({ changed: changed as ChangedRoute });
  edge.behave((_request, res) => void res.destroy());
  const env = { EDGE_ADMIN_URL: edge.url, EDGE_ADMIN_TOKEN: TOKEN };
  const { code, err } = await runEdgectl(['pause', 'wod', ...WHY], { env });
  expect(code).toBe(EXIT.unreachable);
  expect(err).toContain('; the change may be in force: look with edgectl status');
});
