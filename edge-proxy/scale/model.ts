import { fleetOf } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { valueOf } from './measured.ts';
import type { Measured } from './measured.ts';

/** What is decided and not measured. */
export const ASSUMED = {
  /** Of a core, so that a burst or a lost machine finds room. */
  busyShare: 0.6,
  /** Requests that a person's connection to Nginx carries before it ends. */
  requestsPerConnection: 10,
  /** Between two workouts of a person, and the life of a token. */
  secondsBetweenWorkouts: 60,
  tokenSeconds: 3600,
  /** Of each coach (`CATALOGUE_FRESH_MS`). */
  catalogueEveryMs: 30_000,
  /** Connections of one monolith to PostgreSQL, and PostgreSQL's own default for all of them together (`max_connections`). */
  connectionsPerMonolith: 20,
  postgresConnections: 100,
  /** A large machine for one database. */
  postgresCores: 16,
} as const;

/** What requests of so many a second need, all of them workouts that the coach makes. Cores are busy to `busyShare`. */
export type Needs = {
  perSecond: number;
  /** While a route ramps; undefined where no number of edges carries as many. */
  fleet: Fleet | undefined;
  /** The same if one edge does nothing but look, and no other one looks. */
  fleetOfOneLooking: Fleet | undefined;
  nginxCores: number;
  coaches: number;
  monoliths: number;
  /** Of the monoliths, on whatever threads: a login a person and life of a token. */
  loginCores: number;
  postgresCores: number;
  postgresConnections: number;
  catalogueCallsPerSecond: number;
  logBytesPerSecond: number;
};

export function needsOf(perSecond: number, measured: Measured): Needs {
  const of = (name: string) => valueOf(measured, name);
  const { busyShare } = ASSUMED;
  const cores = (micros: number) => (perSecond * micros) / 1_000_000 / busyShare;
  const coaches = Math.ceil(cores(of('coachMicros')));
  const monoliths = Math.ceil(cores(of('historyMicros') * of('historyCallsPerWorkout')));
  const perConnection = of('nginxHandshakeMicros') / ASSUMED.requestsPerConnection;
  return {
    perSecond,
    fleet: fleetOf(perSecond, 'all', { measured, busyShare }),
    fleetOfOneLooking: fleetOf(perSecond, 'one', { measured, busyShare }),
    nginxCores: cores(of('nginxProxyMicros') + of('nginxTlsKeptMicros') + perConnection),
    coaches,
    monoliths,
    loginCores: cores((of('loginMicros') * ASSUMED.secondsBetweenWorkouts) / ASSUMED.tokenSeconds),
    postgresCores: cores(of('historyPostgresMicros')),
    postgresConnections: monoliths * ASSUMED.connectionsPerMonolith,
    catalogueCallsPerSecond: (coaches * 1000) / ASSUMED.catalogueEveryMs,
    logBytesPerSecond: perSecond * of('edgeLogBytes'),
  };
}
