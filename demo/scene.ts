import { Traffic } from './traffic.ts';
import { startStack } from './stack.ts';
import type { Edge, Stack, StackOptions } from './stack.ts';
import type { Order, Report } from './coach-orders.ts';
import { until } from '@fit/test-kit/until';

/** The system, and the people who use it. */
export type Scene = { stack: Stack; traffic: Traffic };

export type SceneOptions = StackOptions & { requestsPerSecond: number };

/** However busy the machine is. */
export const STEP_WITHIN_MS = 60_000;

/** Everybody is on the old side, and people ask for workouts from now on. */
export async function startScene(options: SceneOptions): Promise<Scene & AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  const stack = started.use(await startStack(options));
  const { tokens } = stack;
  const urls = () => livingEdges({ stack }).map(({ process }) => process.url);
  const traffic = started.use(new Traffic({ tokens, urls, requestsPerSecond: options.requestsPerSecond }));
  const running = started.move();
  return { stack, traffic, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

export function livingEdges({ stack }: Pick<Scene, 'stack'>): readonly Edge[] {
  return stack.edges.filter(({ process }) => process.isRunning);
}

/** An admin API that answers. */
export function adminUrl(scene: Scene): string {
  return livingEdges(scene)[0]!.process.adminUrl;
}

/** Tells the coach's new release what to do. @returns what it did so far */
export async function orderRelease({ stack }: Scene, order: Order): Promise<Report> {
  return await stack.release.ask<Report>(order);
}

/** Resolves when every edge that lives has this weight in force. */
export async function everywhere(scene: Scene, weight: number): Promise<void> {
  const weightOf = async ({ process }: Edge) => (await scene.stack.api.route(process.adminUrl)).weight;
  await until(`at ${weight} % everywhere`, () => Promise.all(livingEdges(scene).map(weightOf)), {
    holds: (seen) => seen.every((each) => each === weight),
    withinMs: STEP_WITHIN_MS,
  });
}
