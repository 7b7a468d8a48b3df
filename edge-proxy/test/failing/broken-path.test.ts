import { describe, expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import { answeringAs, startEdgeUnderTest } from '../edge-under-test.ts';
import type { EdgeUnderTest } from '../edge-under-test.ts';
import { offer, tally } from './offered-load.ts';
import type { Sent } from './offered-load.ts';

const PER_SECOND = 20;

async function startBroken(): Promise<EdgeUnderTest> {
  const edge = await startEdgeUnderTest({ route: { initialWeight: 100 } });
  edge.legacy.behave((request, res) =>
    request.url.startsWith('/broken')
      ? sendJson(res, { by: 'legacy' }, { 'x-served-by': 'legacy' }, 500)
      : answeringAs('legacy')(request, res),
  );
  return edge;
}

describe('a path of the monolith that answers 500 does not take others away', () => {
  const askBroken = async (edge: EdgeUnderTest) =>
    await offer(edge, { perSecond: PER_SECOND, seconds: 2, path: '/broken' });
  const outcomes = (sent: readonly Sent[]) => tally(sent.map(({ status, servedBy }) => `${status} ${servedBy}`));

  test.concurrent('neither others that it owns', async () => {
    await using edge = await startBroken();
    const [bad, good] = await Promise.all([
      askBroken(edge),
      offer(edge, { perSecond: PER_SECOND, seconds: 2, path: '/fine' }),
    ]);
    expect(outcomes(bad)).toEqual({ '500 legacy': bad.length });
    expect(outcomes(good)).toEqual({ '200 legacy': good.length });
  });

  test.concurrent('nor the migrated one, assigned to it', async () => {
    await using edge = await startBroken();
    await edge.setWeight(0);
    await askBroken(edge);
    const sent = await offer(edge, { perSecond: PER_SECOND, seconds: 1 });
    expect(outcomes(sent)).toEqual({ '200 legacy': sent.length });
  });

  test.concurrent('nor the migrated one, as the fallback of a coach that fails', async () => {
    await using edge = await startBroken();
    edge.coach.behave((_request, res) => void res.socket?.resetAndDestroy());
    const [, sent] = await Promise.all([askBroken(edge), offer(edge, { perSecond: PER_SECOND, seconds: 2 })]);
    expect(outcomes(sent)).toEqual({ '200 legacy': sent.length });
  });
});
