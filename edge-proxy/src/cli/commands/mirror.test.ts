import { expect, test } from '@jest/globals';
import type { ParityView } from '../../admin-api/schemas.ts';
import { EXIT } from '../exit-code.ts';
import { WOD, startCannedEdge } from '../test/canned-edge.ts';
import type { Canned } from '../test/canned-edge.ts';
import { TOKEN, edgectl } from '../test/edgectl-in-test.ts';

const NO_CHECKS = { checked: 0, broken: 0, rules: {} };
const PARITY: ParityView = {
  route: 'wod',
  mirror_share: 20,
  since_revision: 3,
  compared: 12_430,
  differing: 12,
  skipped: { refused: 3, 'too-large': 1 },
  differing_at_most: 0.2,
  sentence: '12,430 compared, 12 unexplained, at most 0.2 % with 99 % confidence',
  fields: [
    {
      field: 'body.exercises[].name',
      pairs: 12,
      samples: [{ at: '2026-03-01T03:00:00.000Z', request_id: 'r-1', old: '"Squat"', new: '\u001b[2Jnone' }],
    },
    {
      field: 'status',
      pairs: 1,
      samples: [{ at: '2026-03-01T03:00:01.000Z', request_id: 'r-2', old: null, new: '500' }],
    },
  ],
  live: { old: { ...NO_CHECKS, checked: 40 }, new: { checked: 60, broken: 2, rules: { 'six exercises': 2 } } },
};

async function told(argv: readonly string[], canned: Canned) {
  await using edge = await startCannedEdge({ routes: [WOD], ...canned });
  const said = await edgectl(argv, { env: { EDGE_ADMIN_URL: edge.url, EDGE_ADMIN_TOKEN: TOKEN } });
  const change = edge.requests.find(({ method }) => method === 'POST');
  const sent = change && { ifMatch: change.headers['if-match'], body: JSON.parse(String(change.body)) };
  return { ...said, sent };
}

test('mirror sets the share, following the revision in force', async () => {
  const changed = { ...WOD, mirror_share: 20, revision: 4, before: { revision: 3, weight: 10 } };
  expect(await told(['mirror', 'wod', '20%', '--reason', 'compare'], { changed })).toEqual({
    code: EXIT.done,
    out: 'wod: mirror 20 % (revision 3 → 4)\nacknowledged: 3 of 3\n',
    err: '',
    sent: { ifMatch: '"3"', body: { share: 20, reason: 'compare' } },
  });
});

test('parity is a sentence, then endpoint, field and example, none of which steers the terminal', async () => {
  expect((await told(['parity', 'wod'], { parity: PARITY })).out).toBe(
    [
      'wod: 12,430 compared, 12 unexplained, at most 0.2 % with 99 % confidence',
      '20 % of safe requests are mirrored, since revision 3.',
      'Not compared: refused 3, too-large 1.',
      '',
      '/fitness/wod',
      '  body.exercises[].name: 12 pairs',
      '    2026-03-01 03:00:00Z, request r-1',
      '      old "Squat"',
      '      new \ufffd[2Jnone',
      '  status: 1 pair',
      '    2026-03-01 03:00:01Z, request r-2',
      '      old (nothing)',
      '      new 500',
      '',
      'Answers to people',
      '  legacy: 40 checked, 0 broke a rule',
      '  coach: 60 checked, 2 broke a rule (six exercises 2)',
      '',
    ].join('\n'),
  );
});

test('parity of nothing is one line; as JSON it is the answer', async () => {
  const parity: ParityView = {
    ...PARITY,
    mirror_share: 0,
    skipped: {},
    fields: [],
    sentence: 'Nothing compared: the route is not mirrored',
    live: { old: NO_CHECKS, new: NO_CHECKS },
  };
  expect((await told(['parity', 'wod'], { parity })).out).toBe('wod: Nothing compared: the route is not mirrored\n');
  expect(JSON.parse((await told(['parity', 'wod', '--json'], { parity })).out)).toEqual(parity);
});
