import { Complaint } from '@fit/service-kit/complaint';
import type { Logger } from '@fit/service-kit/logger';
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { ControlEvents } from '../control-plane/control-events.ts';
import type { RouteControl } from '../control-plane/route-control.ts';
import { createRampTelemetry } from './ramp-telemetry.ts';
import { publishRoutes } from './route-gauges.ts';
import type { RouteGaugesOptions } from './route-gauges.ts';
import { shown } from './shown-state.ts';
import { publishVerdicts } from './verdict-gauges.ts';

/** Logs and counts what the control plane meets. */
export function createControlTelemetry(logger: Logger, registry: Registry): ControlEvents {
  const registers = [registry];
  const damages = new Counter({
    name: 'edge_store_damages_total',
    help: 'States in the store that could not be used, by why; this edge ignored them.',
    labelNames: ['route', 'why'] as const,
    registers,
  });
  const repairs = new Counter({
    name: 'edge_store_repairs_total',
    help: 'States that this edge put back into the store, by why.',
    labelNames: ['route', 'why'] as const,
    registers,
  });
  // What cannot be put right is met each second.
  const notKept = new Complaint(logger, 'what is in force could not be written to the disk of this edge', 'error');
  const complaints = new Map<string, Complaint>();
  const complaintOf = (route: string) => {
    const complaint =
      complaints.get(route) ?? new Complaint(logger, 'the state of a route in the store cannot be used', 'error');
    complaints.set(route, complaint);
    return complaint;
  };
  return {
    learned: (state) => logger.info(shown(state), 'the state of a route came from another edge'),
    storeLost: (cause) =>
      logger.warn({ err: cause }, 'the store cannot be reached: weights stay, rollback still works'),
    storeBack: () => logger.info('the store can be reached again'),
    otherStore: (ids) => {
      if (ids.before === undefined) logger.info(ids, 'from now on the states count that this shared store has');
      else logger.warn(ids, 'this store is not the one that this edge knew: the states that it has count');
    },
    damaged: (damage) => {
      damages.inc({ route: damage.route, why: damage.why });
      complaintOf(damage.route).add(damage);
    },
    repaired: (state, why) => {
      complaints.delete(state.route);
      repairs.inc({ route: state.route, why });
      logger.warn({ ...shown(state), why }, 'the state of a route was put back into the store');
    },
    pending: (state) => logger.error(shown(state), 'a rollback holds on this edge alone: the store has yet to get it'),
    overtaken: (held, current) =>
      logger.warn(
        { ...shown(held), retiredAt: current.revision },
        'a rollback was not made: the route was retired since',
      ),
    settled: (state) => logger.info(shown(state), 'the store has a rollback'),
    ...createRampTelemetry(logger, registry),
    notKept: (cause) => notKept.add({ err: cause }),
  };
}

/** What is in force here and how the store is, read when somebody scrapes. */
export function publishControl(registry: Registry, options: RouteGaugesOptions & { control: RouteControl }): void {
  const { control } = options;
  const registers = [registry];
  publishVerdicts(registry, control);
  publishRoutes(registry, options);
  new Gauge({
    name: 'edge_store_up',
    help: 'Whether the store can be reached: 1 or 0.',
    registers,
    collect() {
      this.set(control.store().reachable ? 1 : 0);
    },
  });
  new Gauge({
    name: 'edge_route_revision',
    help: 'Revision of a route that this edge serves.',
    labelNames: ['route'] as const,
    registers,
    collect() {
      this.reset();
      for (const { name } of control.routing().routes) this.set({ route: name }, control.stateOf(name)?.revision ?? 0);
    },
  });
  new Gauge({
    name: 'edge_rollbacks_pending',
    help: 'Routes whose rollback the store has yet to get.',
    registers,
    collect() {
      this.set(control.routing().routes.filter(({ name }) => !control.isStored(name)).length);
    },
  });
}
