import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Recorder } from '@fit/test-kit/recorder';
import { Agent } from 'undici';
import { nginx } from './nginx-component.ts';
import { logLineOf, startNginxUnderTest, wodPlan } from './nginx-under-test.ts';
import type { NginxUnderTest } from './nginx-under-test.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SANE = `00-${TRACE}-00f067aa0ba902b7-01`;
const LATER = `cc-${TRACE}-00f067aa0ba902b7-01-what-the-future-will-be-like`;

await describeWith(nginx, 'the trace context through nginx', () => {
  let edge: Recorder;
  let front: NginxUnderTest;
  const agent = new Agent();

  beforeAll(async () => {
    edge = await startRecorder((_request, res) => sendJson(res, {}));
    const plan = wodPlan(0, { legacy: edge.url, coach: edge.url });
    front = await startNginxUnderTest('edge', plan, { edges: [new URL(edge.url).host] });
  });
  afterAll(async () => {
    await agent.destroy();
    await front?.[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  });

  test.each([
    ['a sane one goes on', SANE, undefined, SANE, undefined],
    ['with its state', SANE, 'a=1,b=2', SANE, 'a=1,b=2'],
    ['of a later version, too', LATER, 'a=1', LATER, 'a=1'],
    ['a state that is too long is left out', SANE, `a=${'1'.repeat(511)}`, SANE, undefined],
    ['a state that is none is left out', SANE, 'garbage', SANE, undefined],
    ['a state alone is left out', undefined, 'a=1', undefined, undefined],
    ['garbage is left out, and the state with it', 'garbage', 'a=1', undefined, undefined],
    ['10 KB is left out', 'a'.repeat(10_240), undefined, undefined, undefined],
    ['10 KB after a sane beginning is left out', `${LATER}${'a'.repeat(10_240)}`, undefined, undefined, undefined],
    ['ids of zeros are left out', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined, undefined, undefined],
    ['upper case is left out', SANE.toUpperCase(), undefined, undefined, undefined],
  ])('%s', async (_what, traceparent, tracestate, parentSeen, stateSeen) => {
    edge.requests.length = 0;
    const headers = { ...(traceparent && { traceparent }), ...(tracestate && { tracestate }) };
    const answer = await agent.request({ origin: front.url, path: '/fitness/wod', method: 'GET', headers });
    await answer.body.dump();
    const [seen] = edge.requests;
    expect([seen!.headers['traceparent'], seen!.headers['tracestate']]).toEqual([parentSeen, stateSeen]);
    const { trace_id } = await logLineOf(String(seen!.headers['x-request-id']), front);
    expect(trace_id).toBe(parentSeen ? TRACE : '');
  });
});
