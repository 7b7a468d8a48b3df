import { afterEach } from '@jest/globals';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { Agent, request } from 'undici';
import { startMirroredEdge } from './mirrored-edge.ts';
import type { MirroredEdge, MirroredEdgeOptions } from './mirrored-edge.ts';

const WOD = '/fitness/wod';
const cleanUp: (() => Promise<unknown>)[] = [];

/** Ends what the test has started, the last first. */
afterEach(async () => {
  for (let end = cleanUp.pop(); end; end = cleanUp.pop()) await end();
});

export type Rig = { edge: MirroredEdge; old: Recorder; fresh: Recorder; get: (options?: GetOptions) => Promise<Got> };
type GetOptions = { method?: string; headers?: Record<string, string>; path?: string };
type Got = { status: number; headers: Record<string, unknown>; body: string };

/** An edge between two sides that answer the same. */
export async function rig(options: Partial<MirroredEdgeOptions> = {}): Promise<Rig> {
  const old = await started(startRecorder(answering({ a: 1 })));
  const fresh = await started(startRecorder(answering({ a: 1 })));
  const edge = await started(startMirroredEdge({ old: old.url, new: fresh.url, ...options }));
  const agent = new Agent({ pipelining: 0 });
  cleanUp.push(() => agent.destroy());
  const get = async ({ path = WOD, ...rest }: GetOptions = {}): Promise<Got> => {
    const answer = await request(`${edge.url}${path}`, { dispatcher: agent, ...(rest as object) });
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
  };
  return { edge, old, fresh, get };
}

/** Ends with the test. */
export async function started<Thing extends AsyncDisposable>(starting: Promise<Thing>): Promise<Thing> {
  const thing = await starting;
  cleanUp.push(async () => await thing[Symbol.asyncDispose]());
  return thing;
}

export function answering(body: object, status = 200): Behaviour {
  return (_request, res) => sendJson(res, body, { date: 'Thu, 01 Jan 1970 00:00:00 GMT' }, status);
}

/** Polls: what is waited for happens detached from everything that could be awaited. */
export async function until(holds: () => boolean): Promise<void> {
  for (let left = 800; !holds(); left--) {
    if (left === 0) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Copies that led to anything, a comparison or not. */
export const found = ({ compared, skipped }: ReturnType<MirroredEdge['report']>) =>
  compared + Object.values(skipped).reduce((sum, count) => sum + count, 0);
