import { writeSync } from 'node:fs';
import { createLogger } from '@fit/service-kit/logger';
import { KeptRoutesFile } from '../kept-routes-file.ts';
import { stateAt } from './sample-state.ts';

/**
 * A process that saves what it knows in FOLDER as fast as it can, until it is killed: some routes and a rollback, all of them
 * a revision further each time. Each line on standard output is a fact in JSON: `{"saved": revision}`.
 */
const ROUTES = 20;

const keeper = new KeptRoutesFile({ folder: process.argv[2]!, logger: createLogger('keep-saving', 'silent') });
let revision = (await keeper.load()).pending[0]?.revision ?? 0;
for (;;) {
  revision++;
  const states = Array.from({ length: ROUTES }, (_, index) => stateAt({ route: `route-${index}`, revision }));
  await keeper.save({
    storeId: undefined,
    states: new Map(states.map((state) => [state.route, state])),
    pending: [stateAt({ route: 'route-0', revision, reason: 'rollback' })],
  });
  writeSync(1, `${JSON.stringify({ saved: revision })}\n`);
}
