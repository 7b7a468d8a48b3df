import { Complaint } from '@fit/service-kit/complaint';
import type { Logger } from '@fit/service-kit/logger';
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { ControlEvents } from '../control-plane/control-events.ts';
import { createRollbackTelemetry } from './rollback-telemetry.ts';
import { shown } from './shown-state.ts';

type RampEvents = Pick<
  ControlEvents,
  'leads' | 'clockOff' | 'decided' | 'undecided' | 'notified' | 'rolledBack' | 'drilled'
>;

/** Logs and counts what becomes of ramps. A ramp that turns back wakes a person. */
export function createRampTelemetry(logger: Logger, registry: Registry): RampEvents {
  const registers = [registry];
  const decisions = new Counter({
    name: 'edge_ramp_decisions_total',
    help: 'Decisions of ramps that this edge carried out, by kind.',
    labelNames: ['route', 'kind'] as const,
    registers,
  });
  const notifications = new Counter({
    name: 'edge_notifications_total',
    help: 'Changes that people were to be told of by webhook, by outcome.',
    labelNames: ['route', 'outcome'] as const,
    registers,
  });
  const drills = new Gauge({
    name: 'edge_rollback_drill_seconds',
    help: 'How long the last drilled rollback took, from the order until every edge served it.',
    labelNames: ['route'] as const,
    registers,
  });
  const undecided = new Complaint(logger, 'a decision of a ramp could not be carried out; it is made anew');
  const clockOff = new Complaint(
    logger,
    "this edge's clock is wrong, or the store's: it carries no ramps out",
    'error',
  );
  return {
    clockOff: (skewMs) => clockOff.add({ aheadSeconds: Math.round(skewMs / 1000) }),
    leads: (fence) => logger.info({ fence }, 'this edge carries out what ramps decide'),
    decided: (state, { kind }) => {
      decisions.inc({ route: state.route, kind });
      const isAlarming = kind === 'roll-back' || kind === 'freeze';
      logger[isAlarming ? 'error' : 'info']({ ...shown(state), decision: kind }, 'a ramp decided');
    },
    undecided: (state, { kind, sentence }, cause) =>
      undecided.add({ ...shown(state), decision: kind, sentence, err: cause }),
    notified: ({ route, revision }, outcome) => {
      notifications.inc({ route, outcome });
      if (outcome === 'given-up') logger.error({ route, revision }, 'nobody could be told of a change by webhook');
    },
    rolledBack: createRollbackTelemetry(registry),
    drilled: (route, rollbackMs) => {
      drills.set({ route }, rollbackMs / 1000);
      logger.info({ route, rollbackMs }, 'a rollback was drilled');
    },
  };
}
