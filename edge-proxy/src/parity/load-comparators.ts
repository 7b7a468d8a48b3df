import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StartError } from '@fit/service-kit/start-error';
import type { RouteConfig } from '../config/route-file.ts';
import type { Comparator, CreateComparator } from './comparator.ts';
import { createComparator as createJsonComparator } from './compare-json.ts';

/** By route. */
export type Comparators = ReadonlyMap<string, Comparator>;

/**
 * The comparator of each route: its module's, or the one for JSON.
 *
 * @param routeFile modules are relative to its folder
 * @throws StartError `bad-comparator` naming the field, the module and what is wrong with it
 */
export async function loadComparators(
  routeFile: string,
  routes: readonly Pick<RouteConfig, 'name' | 'compare'>[],
): Promise<Comparators> {
  const comparators = new Map<string, Comparator>();
  for (const { name, compare } of routes) {
    const at = `${routeFile}: compare.module of route ${name}`;
    const create =
      compare.module === undefined ? createJsonComparator : await load(resolve(dirname(routeFile), compare.module), at);
    comparators.set(name, created(create, compare, at));
  }
  return comparators;
}

async function load(module: string, at: string): Promise<CreateComparator> {
  let exported: { createComparator?: unknown };
  try {
    // A module that was changed has another address, and so is read anew.
    const address = pathToFileURL(module);
    address.searchParams.set('changed', String(statSync(module).mtimeMs));
    exported = (await import(address.href)) as typeof exported;
  } catch (cause) {
    throw badComparator(`${at}: ${module} cannot be loaded: ${(cause as Error).message}`, cause);
  }
  const create = exported.createComparator;
  if (typeof create !== 'function')
    throw badComparator(`${at}: ${module} must export the function createComparator, found ${typeof create}`);
  return create as CreateComparator;
}

function created(
  create: CreateComparator,
  { headers, ignore, tolerance }: RouteConfig['compare'],
  at: string,
): Comparator {
  let comparator: Partial<Comparator> | null | undefined;
  try {
    comparator = create({ headers, ignore, tolerance });
  } catch (cause) {
    throw badComparator(`${at}: createComparator failed: ${(cause as Error).message}`, cause);
  }
  if (typeof comparator?.compare !== 'function')
    throw badComparator(
      `${at}: createComparator must return an object with the function compare, returned ${typeof comparator}`,
    );
  if (comparator.check !== undefined && typeof comparator.check !== 'function')
    throw badComparator(`${at}: check must be a function if it is there, found ${typeof comparator.check}`);
  return comparator as Comparator;
}

function badComparator(message: string, cause?: unknown): StartError {
  return new StartError('bad-comparator', message, { cause });
}
