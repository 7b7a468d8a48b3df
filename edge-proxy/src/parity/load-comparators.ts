import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StartError } from '@fit/service-kit/start-error';
import type { RouteConfig } from '../config/route-file.ts';
import type { Comparator, CompareRules, CreateComparator } from './comparator.ts';
import { createComparator as createJsonComparator } from './compare-json.ts';

/** By route. */
export type Comparators = ReadonlyMap<string, Comparator>;

/** What is wrong with the comparator of a route. */
export type ComparatorProblem = { readonly route: string; readonly rule: string };

/** Comparators cannot be used; `problems` has each of them. */
export class ComparatorError extends StartError {
  readonly problems: readonly ComparatorProblem[];

  constructor(routeFile: string, problems: readonly ComparatorProblem[], causes: readonly unknown[]) {
    const lines = problems.map(({ route, rule }) => `  - compare.module of route ${route} ${rule}`);
    super('bad-comparator', `${routeFile} cannot be used:\n${lines.join('\n')}`, { cause: causes[0] });
    this.name = 'ComparatorError';
    this.problems = problems;
  }
}

/**
 * The comparator of each route: its module's, or the one for JSON.
 *
 * @param routeFile modules are relative to its folder
 * @throws ComparatorError with all problems at once
 */
export async function loadComparators(
  routeFile: string,
  routes: readonly Pick<RouteConfig, 'name' | 'compare'>[],
): Promise<Comparators> {
  const comparators = new Map<string, Comparator>();
  const problems: ComparatorProblem[] = [];
  const causes: unknown[] = [];
  for (const { name, compare } of routes) {
    try {
      comparators.set(name, await comparatorOf(dirname(routeFile), compare));
    } catch (cause) {
      problems.push({ route: name, rule: (cause as Error).message });
      causes.push(cause);
    }
  }
  if (problems.length > 0) throw new ComparatorError(routeFile, problems, causes);
  return comparators;
}

/** Rejects saying what the module must be, and what was found. */
async function comparatorOf(folder: string, { module, ...rules }: RouteConfig['compare']): Promise<Comparator> {
  const create = module === undefined ? createJsonComparator : await load(resolve(folder, module));
  const { headers, ignore, tolerance } = rules;
  return made(create, { headers, ignore, tolerance });
}

async function load(module: string): Promise<CreateComparator> {
  let exported: { createComparator?: unknown };
  try {
    // A module that was changed has another address, and so is read anew.
    const address = pathToFileURL(module);
    address.searchParams.set('changed', String(statSync(module).mtimeMs));
    exported = (await import(address.href)) as typeof exported;
  } catch (cause) {
    throw new Error(`must be a module that can be loaded: ${(cause as Error).message}`, { cause });
  }
  const create = exported.createComparator;
  if (typeof create !== 'function') {
    throw new Error(`must export the function createComparator: ${module} has ${typeof create}`);
  }
  return create as CreateComparator;
}

function made(create: CreateComparator, rules: CompareRules): Comparator {
  let comparator: Partial<Comparator> | null | undefined;
  try {
    comparator = create(rules);
  } catch (cause) {
    throw new Error(`must make a comparator: createComparator failed: ${(cause as Error).message}`, { cause });
  }
  if (typeof comparator?.compare !== 'function') {
    throw new Error(`must make a comparator with the function compare, made ${typeof comparator}`);
  }
  if (comparator.check !== undefined && typeof comparator.check !== 'function') {
    throw new Error(
      `must make a comparator whose check, if it is there, is a function; it is ${typeof comparator.check}`,
    );
  }
  return comparator as Comparator;
}
