import { Complaint } from '@fit/service-kit/complaint';
import type { Logger } from '@fit/service-kit/logger';
import type { FleetCounts } from '../../control-plane/fleet-counts.ts';
import { assertFollows } from '../../control-plane/route-store.ts';
import type {
  AppendResult,
  HistoryPage,
  HistoryQuery,
  ReplicaReport,
  RouteStore,
  SeenReplica,
  StoreContent,
  StoreWatcher,
} from '../../control-plane/route-store.ts';
import type { RouteState } from '../../domain/route-state.ts';
import type { Revision } from '../../domain/weight.ts';
import { ConnectionState } from './connection-state.ts';
import { RedisConnection } from './redis-connection.ts';
import type { RedisClient } from './redis-connection.ts';
import { RedisCounts } from './redis-counts.ts';
import { readEntry } from './redis-entry.ts';
import { RedisHistory } from './redis-history.ts';
import { RedisLease } from './redis-lease.ts';
import { RedisReplicas } from './redis-replicas.ts';
import { RedisRoutes, UnconfirmedWriteError } from './redis-routes.ts';
import type { RedisKeys } from './redis-access.ts';

export type RedisStoreOptions = {
  /** `redis://` or `rediss://`, with name and password if Redis wants them. Redis 6.2 or newer. */
  url: string;
  /** Edges with the same one share their routes. */
  prefix: string;
  logger: Logger;
  /** For each command and each connection; from 1. Default 1000. */
  timeoutMs?: number;
  /** Certificates to trust instead of those that Node.js trusts, in PEM. */
  ca?: string;
};

const TIMEOUT_MS = 1000;

/**
 * Opens the store that several edges share. Resolves after the first attempt to connect, whether Redis was there or not; from
 * then on it tries again, at least once every three seconds, until it is closed.
 *
 * @throws RangeError if the URL is none of Redis; it is not quoted, as it may have a password
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<RouteStore & { counts: FleetCounts }> {
  const store = new RedisStore(options);
  await store.tried();
  return store;
}

class RedisStore implements RouteStore {
  readonly kind = 'redis';
  /** Beside the states, and closed with them. */
  readonly counts: FleetCounts;
  readonly #commands: RedisConnection;
  readonly #news: RedisConnection;
  readonly #routes: RedisRoutes;
  readonly #history: RedisHistory;
  readonly #replicas: RedisReplicas;
  readonly #lease: RedisLease;
  readonly #noise: Complaint;
  readonly #underWay = new Set<Promise<unknown>>();
  #watcher: StoreWatcher | undefined;
  #closed: Promise<void> | undefined;

  constructor({ url, prefix, logger, timeoutMs = TIMEOUT_MS, ca }: RedisStoreOptions) {
    const address = addressOf(url);
    const keys = keysOf(prefix, address.database);
    const state = new ConnectionState(logger, address.shown);
    const connect = (name: string, prepare?: (client: RedisClient) => Promise<unknown>) =>
      new RedisConnection({
        url,
        timeoutMs,
        ca,
        ...(prepare && { prepare }),
        up: () => {
          state.up(name);
          this.#watcher?.reachable();
        },
        down: (cause) => state.down(name, cause),
      });
    this.#noise = new Complaint(logger, 'ignored a message in Redis that is no change of a route');
    this.#commands = connect('commands');
    this.#news = connect('news', async (client) => {
      await client.subscribe(keys.changes, (message) => this.#heard(message), true);
    });
    const send = async (command: readonly (string | Buffer)[]) => await this.#commands.send(command);
    this.#routes = new RedisRoutes({ send, keys, logger });
    this.#history = new RedisHistory({ send, keys, logger });
    this.#replicas = new RedisReplicas({ send, keys, logger });
    this.#lease = new RedisLease({ send, keys, logger });
    const sendWhileOpen: typeof send = async (command) => await this.#whileOpen(() => send(command));
    this.counts = new RedisCounts({ send: sendWhileOpen, keys, logger });
  }

  get clockSkewMs(): number {
    return this.#replicas.clockSkewMs;
  }

  async tried(): Promise<void> {
    await Promise.all([this.#commands.tried(), this.#news.tried()]);
  }

  async load(knownId?: string): Promise<StoreContent> {
    return await this.#whileOpen(() => this.#routes.load(knownId));
  }

  async append(next: RouteState, expected: Revision, fence?: number): Promise<AppendResult> {
    assertFollows(next, expected);
    return await this.#write(() => this.#routes.append(next, expected, fence));
  }

  async lead(holder: string, ttlMs: number): Promise<number | undefined> {
    return await this.#whileOpen(() => this.#lease.take(holder, ttlMs));
  }

  async resign(holder: string): Promise<void> {
    await this.#whileOpen(() => this.#lease.giveUp(holder)).catch(() => undefined);
  }

  async repair(state: RouteState, knownId?: string): Promise<AppendResult> {
    return await this.#write(() => this.#routes.repair(state, knownId));
  }

  async history(query: HistoryQuery): Promise<HistoryPage> {
    return await this.#whileOpen(() => this.#history.page(query));
  }

  watch(watcher: StoreWatcher): void {
    this.#watcher = watcher;
  }

  async report(report: ReplicaReport): Promise<void> {
    await this.#whileOpen(() => this.#replicas.report(report));
  }

  async replicas(): Promise<readonly SeenReplica[]> {
    return await this.#whileOpen(() => this.#replicas.list());
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    this.#watcher = undefined;
    await Promise.allSettled(this.#underWay);
    // A replica that cannot take itself off the list is forgotten by the others in time.
    await this.#replicas.leave().catch(() => undefined);
    await Promise.all([this.#commands.close(), this.#news.close()]);
  }

  async #write(work: () => Promise<AppendResult>): Promise<AppendResult> {
    try {
      return await this.#whileOpen(work);
    } catch (cause) {
      return { kind: 'unavailable', cause, maybeWritten: cause instanceof UnconfirmedWriteError };
    }
  }

  async #whileOpen<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new Error('the store is closed');
    const result = work();
    this.#underWay.add(result);
    try {
      return await result;
    } finally {
      this.#underWay.delete(result);
    }
  }

  #heard(message: Buffer): void {
    const entry = readEntry(message);
    if (entry.kind === 'entry') this.#watcher?.changed(entry.state);
    else this.#noise.add({ why: entry.why });
  }
}

/**
 * One hash tag, so that a cluster keeps all of them together. Databases of one Redis have keys of their own, but share all
 * channels.
 */
function keysOf(prefix: string, database: number): RedisKeys {
  const key = (name: string) => `{${prefix}}:${name}`;
  const changes = database === 0 ? key('changes') : key(`changes:${database}`);
  return {
    id: key('id'),
    routes: key('routes'),
    audit: key('audit'),
    replicas: key('replicas'),
    leader: key('leader'),
    token: key('leader-token'),
    counts: (topic) => key(`counts:${topic}`),
    facts: (topic) => key(`facts:${topic}`),
    changes,
  };
}

/** What may be said of a URL, neither name nor password, and its database. */
function addressOf(url: string): { shown: string; database: number } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isRedis = parsed?.protocol === 'redis:' || parsed?.protocol === 'rediss:';
  const database = /^\/?(\d{0,9})$/.exec(parsed?.pathname ?? '')?.[1];
  if (!isRedis || database === undefined) {
    throw new RangeError('The address of Redis must be redis://HOST:PORT/DATABASE or rediss://HOST:PORT/DATABASE');
  }
  if (!isPercentEncoded(parsed.username) || !isPercentEncoded(parsed.password)) {
    throw new RangeError('Name and password in the address of Redis must be percent-encoded');
  }
  return { shown: `${parsed.protocol}//${parsed.host}${parsed.pathname}`, database: Number(database) };
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
