import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Found } from './measured.ts';

const PEOPLE = 200_000;
const EXERCISES = 6;

/** What a coach would keep of a person if it heard of workouts by events: the exercises of the last two days. */
export function benchMemory(): Found {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().heapUsed + process.memoryUsage().external;
  const kept = new Map<string, Uint16Array>();
  for (let person = 0; person < PEOPLE; person++) {
    const id = `3f2504e0-4f89-41d3-9a0c-${person.toString(16).padStart(12, '0')}`;
    kept.set(id, new Uint16Array(2 * EXERCISES).fill(person));
  }
  collect();
  const after = process.memoryUsage().heapUsed + process.memoryUsage().external;
  return { keptPersonBytes: (after - before) / kept.size };
}
