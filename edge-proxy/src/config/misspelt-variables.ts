import { readFileSync } from 'node:fs';
import { KNOWN_VARIABLES } from '@fit/service-kit/known-variables';
import { nearMisses } from '@fit/service-kit/near-miss';
import type { NearMiss } from '@fit/service-kit/near-miss';
import { EDGE_VARIABLES } from './env.ts';
import { variablesIn } from './filled-variables.ts';

type Environment = { variables: NodeJS.ProcessEnv; /** The route file. */ EDGE_CONFIG: string };

/** Variables that are set and that nobody reads, not even the route file, which must have been loaded before. */
export function misspeltVariables(env: Environment): NearMiss[] {
  const ofFile = variablesIn(readFileSync(env.EDGE_CONFIG, 'utf8'));
  return nearMisses(env.variables, EDGE_VARIABLES, [...KNOWN_VARIABLES, ...ofFile]);
}
