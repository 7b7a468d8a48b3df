import { LoadTestError } from './failures.ts';
import { changeRoute, readRoute } from './admin-api.ts';
import type { Change, RouteView } from './admin-api.ts';

/** When a weight came into force: somewhere from `askedAt` to `answeredAt`, epoch milliseconds. */
export type WeightChange = { weight: number; askedAt: number; answeredAt: number };

type RouteWeightOptions = { adminUrls: readonly string[]; token: string; reason: string };

/** One edge with a store of its own. */
type Edge = {
  url: string;
  /** What was in force at the start. */
  found: number;
  /** The runner's own last change, or what it found: whatever differs is somebody else's. */
  own: { weight: number; revision: number };
  /** A change without an answer yet; it may be in force all the same. */
  pending: number | undefined;
  isTakenOver: boolean;
};

/**
 * The weight of the route on every edge, over the admin API.
 *
 * Every change follows the runner's own last one, by its revision. What somebody else has set is never overridden: it
 * ends the run, and that edge is left as it is.
 *
 * Errors: LoadTestError, `taken-over` or with the server's reason.
 */
export class RouteWeight {
  readonly #token: string;
  readonly #reason: string;
  readonly #edges: Edge[];

  private constructor({ token, reason }: RouteWeightOptions, edges: Edge[]) {
    this.#token = token;
    this.#reason = reason;
    this.#edges = edges;
  }

  /** Reads what is in force, so that it can be restored. */
  static async find(options: RouteWeightOptions): Promise<RouteWeight> {
    const views = await Promise.all(options.adminUrls.map((url) => readRoute(url, options.token)));
    const edges = options.adminUrls.map((url, index) => edgeOf(url, views[index]!));
    return new RouteWeight(options, edges);
  }

  /** What was in force at the start, of the first edge. */
  get found(): number | undefined {
    return this.#edges[0]?.found;
  }

  async set(weight: number): Promise<WeightChange> {
    return await this.#onEach(weight, async (edge) => {
      if (edge.own.weight === weight) await this.#check(edge);
      else await this.#put(edge, weight);
    });
  }

  /** Everybody back to the old side. The API asks for no revision here, so it is looked at before. */
  async rollBack(): Promise<WeightChange> {
    return await this.#onEach(0, async (edge) => {
      await this.#check(edge);
      await this.#change(edge, 0, { method: 'POST', path: '/rollback', body: { reason: this.#reason } });
    });
  }

  /** @throws LoadTestError if what is in force is not the runner's own */
  async check(): Promise<void> {
    await settled(this.#edges.map((edge) => this.#check(edge)));
  }

  /** @returns a line for each edge where what was found is not in force again; none where somebody else took over before */
  async restore(): Promise<string[]> {
    const lines = await Promise.all(this.#edges.map((edge) => this.#restore(edge)));
    return lines.filter((line) => line !== undefined);
  }

  async #restore(edge: Edge): Promise<string | undefined> {
    const { url, found, own, pending, isTakenOver } = edge;
    if (isTakenOver || (own.weight === found && pending === undefined)) return undefined;
    try {
      if (pending !== undefined) await this.#check(edge);
      if (edge.own.weight !== found) await this.#put(edge, found);
      return undefined;
    } catch (error) {
      const { code, message } = error as LoadTestError;
      if (code === 'taken-over') return message;
      const view = await readRoute(url, this.#token).catch(() => undefined);
      const inForce = view ? `${view.weight} %` : `${pending ?? own.weight} %, as far as is known`;
      const command = `npx edgectl --url ${url} weight wod ${found} --reason "after a load test"`;
      return `The weight is not restored (${message}): in force is ${inForce}; set it back with ${command}`;
    }
  }

  async #onEach(weight: number, change: (edge: Edge) => Promise<void>): Promise<WeightChange> {
    const askedAt = Date.now();
    await settled(this.#edges.map(change));
    return { weight, askedAt, answeredAt: Date.now() };
  }

  async #put(edge: Edge, weight: number): Promise<void> {
    const body = { weight, reason: this.#reason };
    await this.#change(edge, weight, { method: 'PUT', path: '/weight', body, revision: edge.own.revision });
  }

  async #change(edge: Edge, weight: number, change: Change): Promise<void> {
    edge.pending = weight;
    const view = await changeRoute(edge.url, this.#token, change);
    edge.pending = undefined;
    if (!view) {
      await this.#check(edge);
      throw new LoadTestError('not-possible', `${edge.url} refuses revision ${edge.own.revision}, which is in force`);
    }
    edge.own = view;
  }

  async #check(edge: Edge): Promise<void> {
    const { url, own, pending } = edge;
    const view = await readRoute(url, this.#token);
    edge.pending = undefined;
    if (view.revision === own.revision) return;
    const isOwn = view.revision === own.revision + 1 && view.weight === pending && view.reason === this.#reason;
    if (!isOwn) {
      edge.isTakenOver = true;
      throw takenOver(url, view);
    }
    edge.own = view;
  }
}

function edgeOf(url: string, view: RouteView): Edge {
  return { url, found: view.weight, own: view, pending: undefined, isTakenOver: false };
}

function takenOver(url: string, { weight, revision, changed_by }: RouteView): LoadTestError {
  const who = `revision ${revision}, by ${changed_by ?? 'nobody known'}`;
  return new LoadTestError(
    'taken-over',
    `${url}: somebody else changed the weight to ${weight} % (${who}); it stays as it is`,
  );
}

/** Waits for all of them, so that what each edge has is known before the first failure is told. */
async function settled(changes: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(changes);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
