import { describe, expect, test } from '@jest/globals';
import type { ChangedRoute, Preview, Replica, ReplicaList } from '../../admin-api/schemas.ts';
import type { Io } from '../command-context.ts';
import { EXIT } from '../exit-code.ts';
import { WOD, startCannedEdge } from '../test/canned-edge.ts';
import type { Canned } from '../test/canned-edge.ts';
import { TOKEN, edgectl } from '../test/edgectl-in-test.ts';

/** What a real edge does with a change is tested with it; here, what is asked before and said after. */

const PREVIEW: Preview = {
  route: 'wod',
  revision: 4,
  before: 10,
  after: 100,
  to: 'new',
  share_moving: 90,
  users_seen: 500,
  users_moving: 450,
};

const ALL: ChangedRoute = { ...WOD, weight: 100, revision: 5, phase: 'full', before: { revision: 4, weight: 10 } };
const BACK: ChangedRoute = { ...WOD, weight: 0, revision: 4, phase: 'legacy', before: { revision: 3, weight: 10 } };

const WEIGHT_100 = ['weight', 'wod', '100'];
const ROLLBACK = ['rollback', 'wod'];
const WITH_REASON = ['--reason', 'everybody'];

/** Runs the command on an edge that answers so; `answers` are those of somebody at a terminal, in their order. */
async function told(argv: readonly string[], canned: Canned, answers?: (string | undefined)[]) {
  await using edge = await startCannedEdge({ routes: [WOD], ...canned });
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return answers?.shift();
  };
  const io: Partial<Io> = { env: { EDGE_ADMIN_URL: edge.url, EDGE_ADMIN_TOKEN: TOKEN }, ...(answers && { ask }) };
  const said = await edgectl(argv, io);
  const change = edge.requests.find(({ method }) => method !== 'GET');
  const sent = change && {
    url: change.url,
    ifMatch: change.headers['if-match'],
    body: JSON.parse(String(change.body)),
  };
  return { ...said, questions, sent };
}

describe('weight 100', () => {
  test('says who moves, asks, and follows the revision that it asked about', async () => {
    const { code, questions, sent } = await told([...WEIGHT_100, ...WITH_REASON], { preview: PREVIEW, changed: ALL }, [
      'y',
    ]);
    expect(questions).toEqual([
      'wod: 10 % → 100 % moves 90 % of all users from legacy to coach, about 450 of the 500 people that this edge saw ' +
        'in the last hour. legacy then serves nobody on this route.\nGo on? [y/N] ',
    ]);
    expect(code).toBe(EXIT.done);
    expect(sent).toEqual({
      url: '/admin/v1/routes/wod/weight',
      ifMatch: '"4"',
      body: { weight: 100, reason: 'everybody' },
    });
  });

  test.each([['n'], [''], ['yess'], [undefined]])('answered by %j changes nothing', async (answer) => {
    const { code, err, sent } = await told([...WEIGHT_100, ...WITH_REASON], { preview: PREVIEW }, [answer]);
    expect({ code, err, sent }).toEqual({
      code: EXIT.usage,
      err: 'edgectl: not confirmed; nothing is changed\n',
      sent: undefined,
    });
  });

  test('without a terminal needs --yes, and says so before anything is asked of the edge', async () => {
    const { code, err, sent } = await told([...WEIGHT_100, ...WITH_REASON], {});
    expect({ code, sent }).toEqual({ code: EXIT.usage, sent: undefined });
    expect(err).toMatch(/^edgectl: weight 100 leaves nobody on the old side.*--yes\n$/);
  });

  test('that is in force already moves nobody: nothing is asked, and it is a change like others', async () => {
    const routes = [{ ...WOD, weight: 100, revision: 4 }];
    const changed = { ...ALL, before: { revision: 4, weight: 100 } };
    const { code, out, questions, sent } = await told([...WEIGHT_100, ...WITH_REASON], { routes, changed }, []);
    expect({ code, questions, ifMatch: sent?.ifMatch }).toEqual({ code: EXIT.done, questions: [], ifMatch: '"4"' });
    expect(out).toBe('wod: 100 % → 100 % (revision 4 → 5)\nNobody moved.\nacknowledged: 3 of 3\n');
  });

  test('that was in force at another revision than the one to follow is asked about', async () => {
    const routes = [{ ...WOD, weight: 100, revision: 4 }];
    const argv = [...WEIGHT_100, ...WITH_REASON, '--revision', '5'];
    const { questions } = await told(argv, { routes, preview: { ...PREVIEW, revision: 5 } }, ['n']);
    expect(questions).toHaveLength(1);
  });

  test('with --yes asks nothing', async () => {
    const { code, questions } = await told([...WEIGHT_100, ...WITH_REASON, '--yes'], { changed: ALL }, []);
    expect({ code, questions }).toEqual({ code: EXIT.done, questions: [] });
  });
});

describe('the reason', () => {
  test('is asked for on a terminal; nothing else is before a rollback', async () => {
    const { code, questions, sent } = await told(ROLLBACK, { changed: BACK }, ['  p95 is up ']);
    expect({ code, questions }).toEqual({ code: EXIT.done, questions: ['Why? (for the audit log) '] });
    expect(sent?.body).toEqual({ reason: 'p95 is up' });
  });

  test.each([[''], [' '], [undefined], ['x'.repeat(501)]])('%j is none', async (answer) => {
    const { code, err, sent } = await told(ROLLBACK, {}, [answer]);
    expect({ code, sent }).toEqual({ code: EXIT.usage, sent: undefined });
    expect(err).toMatch(/^edgectl: no reason, and nothing is changed\. It must/);
  });

  test('is needed without a terminal', async () => {
    expect(await told(ROLLBACK, {})).toMatchObject({
      code: EXIT.usage,
      err: 'edgectl: a change needs its reason: --reason TEXT\n',
      sent: undefined,
    });
  });
});

describe('--wait', () => {
  const replica = (id: string, members: Partial<Replica>): Replica => ({
    id,
    incarnation: id,
    is_self: false,
    state: 'live',
    seen_seconds_ago: 0.4,
    started_at: '2026-03-01T02:00:00Z',
    revisions: { wod: 4 },
    ...members,
  });
  const store = { kind: 'redis', state: 'up', since: '2026-03-01T02:00:00Z' } as const;
  const replicas: ReplicaList = {
    store,
    replicas: [
      replica('edge-1', { is_self: true }),
      replica('edge-2', { state: 'silent', seen_seconds_ago: 42.4, revisions: { wod: 3 } }),
      replica('edge-3', { revisions: {} }),
      replica('edge-4', { state: 'silent', seen_seconds_ago: 5 }),
    ],
  };
  const behind = { ...BACK, acknowledged: { serving: 1, replicas: 4 } };

  test.each([
    [['--wait'], '?wait_ms=10000'],
    [['--wait', '2.5'], '?wait_ms=2500'],
    [[], ''],
  ])('%j is told to the edge', async (words, search) => {
    const { code, out, sent } = await told([...ROLLBACK, ...WITH_REASON, ...words], { changed: BACK });
    expect({ code, url: sent?.url }).toEqual({ code: EXIT.done, url: `/admin/v1/routes/wod/rollback${search}` });
    expect(out).toMatch(/\nacknowledged: 3 of 3\n$/);
  });

  test('in vain names who is behind, and says that the change is made', async () => {
    const { code, out, err } = await told([...ROLLBACK, ...WITH_REASON, '--wait', '3'], { changed: behind, replicas });
    expect(code).toBe(EXIT.unreachable);
    expect(out).toContain('wod: 10 % → 0 % (revision 3 → 4)\n');
    expect(out).toContain('acknowledged: 1 of 4\n');
    expect(err).toBe(
      'edgectl: the change is made, but after 3 s not every edge serves revision 4: ' +
        'edge-2 served revision 3 when last heard of 42 s ago, edge-3 serves none, ' +
        'edge-4 served revision 4 when last heard of 5 s ago\n',
    );
  });

  test('is not needed: who does not wait is told the count, and that is all', async () => {
    const { code, out } = await told([...ROLLBACK, ...WITH_REASON], { changed: behind });
    expect(code).toBe(EXIT.done);
    expect(out).toContain('acknowledged: 1 of 4\n');
  });

  test.each([['-1'], ['31'], ['soon']])('%s is no time to wait for', async (seconds) => {
    const { code, sent } = await told([...ROLLBACK, ...WITH_REASON, `--wait=${seconds}`], {});
    expect({ code, sent }).toEqual({ code: EXIT.usage, sent: undefined });
  });
});

test('a rollback that the store does not have yet says so, and what to do', async () => {
  const { code, out } = await told([...ROLLBACK, ...WITH_REASON], { changed: { ...BACK, stored: false } });
  expect(code).toBe(EXIT.done);
  expect(out).toMatch(/\nThe store is out of reach: this is in force on this edge only.*edgectl --url .* rollback/);
});
