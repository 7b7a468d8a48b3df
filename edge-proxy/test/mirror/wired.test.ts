import { expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import { startEdgeUnderTest } from '../edge-under-test.ts';
import type { EdgeUnderTest } from '../edge-under-test.ts';
import { until } from './mirror-rig.ts';

/** As operators have it: switched on by the admin API, and read there. */
test('an edge copies when it is told to, and tells what it found', async () => {
  await using edge = await startEdgeUnderTest();
  edge.coach.behave((_request, res) => sendJson(res, { by: 'coach', token: 'secret' }));
  await edge.get('/fitness/wod');
  const { revision } = await admin(edge, '');
  await admin(edge, '/mirror', { revision, body: { share: 100, reason: 'test' } });
  await edge.get('/fitness/wod');
  await edge.coach.arrived('/fitness/wod', 1);
  expect(edge.coach.requests[0]!.headers['x-edge-mirror']).toBe('1');
  let parity = await admin(edge, '/parity');
  const again = setInterval(() => void admin(edge, '/parity').then((now) => (parity = now)), 100);
  try {
    await until(() => parity['compared'] === 1);
  } finally {
    clearInterval(again);
  }
  expect(parity).toMatchObject({
    mirror_share: 100,
    differing: 1,
    fields: [
      { field: 'body.by', pairs: 1, samples: [{ old: '"legacy"', new: '"coach"' }] },
      { field: 'body.token', pairs: 1, samples: [{ old: null, new: '[redacted]' }] },
    ],
  });
  const metrics = await (await fetch(`${edge.adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/edge_mirror_requests_total\{route="wod",side="new",result="different"[^}]*\} 1/);
});

type Change = { revision: unknown; body: object };

async function admin(edge: EdgeUnderTest, path: string, change?: Change): Promise<Record<string, unknown>> {
  const authorization = `Bearer ${edge.tokens.issue({ aud: 'edge-admin', roles: ['operator'] })}`;
  const answer = await fetch(`${edge.adminUrl}/admin/v1/routes/wod${path}`, {
    method: change ? 'POST' : 'GET',
    headers: { authorization, 'content-type': 'application/json', 'if-match': `"${String(change?.revision)}"` },
    ...(change && { body: JSON.stringify(change.body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
