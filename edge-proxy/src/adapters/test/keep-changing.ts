import { writeSync } from 'node:fs';
import { createLogger } from '@fit/service-kit/logger';
import { revision } from '../../domain/weight.ts';
import { openFileStore } from '../file-store.ts';
import { stateAt } from './sample-state.ts';

/**
 * A process that owns the store in FOLDER and changes a route as fast as it can, until it is killed or a write is refused.
 * Each line on standard output is a fact in JSON: `{"acknowledged": state}`, at the end `{"refused": code}`.
 */
const { store } = await openFileStore({ folder: process.argv[2]!, logger: createLogger('keep-changing', 'silent') });
const say = (fact: object) => writeSync(1, `${JSON.stringify(fact)}\n`);

let current = revision((await store.load()).states.get('wod')?.revision ?? 0);
for (;;) {
  const next = stateAt({
    revision: current + 1,
    weight: Math.floor(Math.random() * 10_001),
    reason: `process ${process.pid}`,
  });
  const result = await store.append(next, current);
  if (result.kind !== 'written') {
    say({ refused: result.kind === 'unavailable' ? (result.cause as NodeJS.ErrnoException).code : result.kind });
    break;
  }
  say({ acknowledged: next });
  current = next.revision;
}
