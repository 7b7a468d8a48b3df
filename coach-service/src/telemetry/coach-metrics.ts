import { DURATION_BUCKETS } from '@fit/service-kit/metrics';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { CallReport } from '../legacy/legacy-client.ts';
import type { WorkoutOutcome } from '../workout/make-workout.ts';

/** What gauges ask when they are scraped. */
export type Gauged = {
  catalogueAgeMs: () => number;
  workoutsInFlight: () => number;
  /** Calls to the monolith, and how many connections they have at most. */
  callsInFlight: () => number;
  connectionsLimit: number;
};

export type CoachMetrics = {
  callEnded: (call: CallReport) => void;
  workoutEnded: (outcome: WorkoutOutcome) => void;
  workoutRejected: () => void;
  unknownTimeZone: () => void;
};

export function createCoachMetrics(registry: Registry, gauged: Gauged): CoachMetrics {
  const registers = [registry];
  const calls = new Histogram({
    name: 'coach_upstream_request_duration_seconds',
    help: 'Time of a call to the monolith, its body included.',
    labelNames: ['endpoint', 'outcome'] as const,
    buckets: DURATION_BUCKETS,
    registers,
  });
  const workouts = new Counter({
    name: 'coach_workouts_total',
    help: 'Workouts asked for, by what came of it.',
    labelNames: ['outcome'] as const,
    registers,
  });
  const rejected = new Counter({
    name: 'coach_workouts_rejected_total',
    help: 'Workouts refused at once because MAX_CONCURRENT were being made.',
    registers,
  });
  const unknownTimeZones = new Counter({
    name: 'coach_unknown_time_zones_total',
    help: 'Workouts for a token whose zoneinfo names no time zone; UTC was taken.',
    registers,
  });
  new Gauge({
    name: 'coach_workouts_in_flight',
    help: 'Workouts being made now.',
    registers,
    collect() {
      this.set(gauged.workoutsInFlight());
    },
  });
  new Gauge({
    name: 'coach_catalogue_age_seconds',
    help: 'Time since the monolith last confirmed the catalogue; +Inf before the first.',
    registers,
    collect() {
      this.set(gauged.catalogueAgeMs() / 1000);
    },
  });
  publishPoolUse(registry, gauged);
  return {
    callEnded: ({ endpoint, answer, seconds }) => calls.observe({ endpoint, outcome: outcomeOf(answer) }, seconds),
    workoutEnded: ({ kind }) => workouts.inc({ outcome: kind }),
    workoutRejected: () => rejected.inc(),
    unknownTimeZone: () => unknownTimeZones.inc(),
  };
}

function publishPoolUse(registry: Registry, { callsInFlight, connectionsLimit }: Gauged): void {
  const registers = [registry];
  new Gauge({
    name: 'coach_upstream_calls_in_flight',
    help: 'Calls to the monolith under way, those that wait for a connection included.',
    registers,
    collect() {
      this.set(callsInFlight());
    },
  });
  new Gauge({
    name: 'coach_upstream_connections_limit',
    help: 'Connections to the monolith at most (LEGACY_CONNECTIONS).',
    registers,
  }).set(connectionsLimit);
}

function outcomeOf(answer: CallReport['answer']): string {
  return answer.kind === 'ok' && answer.revalidated ? 'not-modified' : answer.kind;
}
