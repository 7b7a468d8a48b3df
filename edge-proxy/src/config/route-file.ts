import { readFileSync } from 'node:fs';
import { StartError } from '@fit/service-kit/start-error';
import type { z } from 'zod';
import type { KeyPlace } from '../domain/key-place.ts';
import type { RampPlan } from '../domain/ramp.ts';
import type { RetirementTerms } from '../domain/retirement.ts';
import type { Weight } from '../domain/weight.ts';
import { explainIssue, valueAt } from './explain-issue.ts';
import { problemText, shownValue } from './file-problem.ts';
import type { FileProblem } from './file-problem.ts';
import { fillVariables } from './filled-variables.ts';
import type { Template, Unset, Variables } from './filled-variables.ts';
import { routeFileJsonSchema } from './json-schema.ts';
import { routeFileSchema } from './route-file-schema.ts';
import { PositionedYaml } from './yaml-positions.ts';

export type UpstreamConfig = z.output<typeof routeFileSchema>['upstreams'][string];

type RouteSchema = z.output<typeof routeFileSchema>['routes'][number];
/** Bounds on copies of requests. */
export type MirrorBounds = RouteSchema['mirror'];
/** How answers are compared; the module's path is relative to the route file. */
export type CompareConfig = RouteSchema['compare'];

/** One migration: a path that moves from one upstream to another. */
export type RouteConfig = {
  name: string;
  path: string;
  old: string;
  new: string;
  key: KeyPlace;
  initialWeight: Weight;
  deadlineMs: number;
  /** What takes longer, whole, is slow. */
  objectiveMs: number;
  /** Of ramps that are started without a plan of their own. */
  ramp?: RampPlan | undefined;
  mirror: MirrorBounds;
  compare: CompareConfig;
  retire: RetirementTerms;
  /** Share of recent requests that may fall back although the new side is merely too busy, 0–100. */
  fallbackBudgetPercent: number;
};

export type RouteFile = {
  upstreams: Readonly<Record<string, UpstreamConfig>>;
  /** Serves all that no route takes. */
  defaultUpstream: string;
  routes: readonly RouteConfig[];
  /** Paths that are never passed on: 404. */
  internalPaths: readonly string[];
};

/** A route file, and those of its texts that variables were filled into. */
export type SourcedRouteFile = {
  routes: RouteFile;
  templates: readonly Template[];
  /** Where a value is; lines and columns count from 1. */
  positionAt: (path: readonly PropertyKey[]) => { line: number; column: number };
};

/** The route file cannot be used; `problems` lists everything that is wrong, in the order of the file. */
export class RouteFileError extends StartError {
  readonly problems: readonly FileProblem[];

  constructor(file: string, problems: readonly FileProblem[], cause?: unknown) {
    const lines = problems.map((problem) => `  - ${problemText(file, problem)}`);
    super('bad-route-file', `${file} cannot be used:\n${lines.join('\n')}`, { cause });
    this.name = 'RouteFileError';
    this.problems = problems;
  }
}

/**
 * Reads and checks the route file (YAML).
 *
 * @param variables what `${NAME}` in a value stands for; `${NAME:-TEXT}` is TEXT while NAME is unset or empty
 * @throws RouteFileError with all problems at once
 */
export function loadRouteFile(file: string, variables: Variables): RouteFile {
  return loadSourcedRouteFile(file, variables).routes;
}

/** The same, for those who explain the file. */
export function loadSourcedRouteFile(file: string, variables: Variables): SourcedRouteFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RouteFileError(file, [problemOfAll(`cannot be read: ${(cause as Error).message}`)], cause);
  }
  return parseSourcedRouteFile(file, text, variables);
}

export function parseRouteFile(file: string, text: string, variables: Variables): RouteFile {
  return parseSourcedRouteFile(file, text, variables).routes;
}

export function parseSourcedRouteFile(file: string, text: string, variables: Variables): SourcedRouteFile {
  const yaml = new PositionedYaml(text);
  const syntaxProblems = yaml.document.errors.map(({ message, pos }) => ({
    ...problemOfAll(message),
    ...yaml.positionOf(pos[0]),
  }));
  if (syntaxProblems.length > 0) throw new RouteFileError(file, syntaxProblems);
  const { filled, unset, templates } = fillVariables(plainValue(file, yaml), variables);
  const result = routeFileSchema.safeParse(filled);
  const problems = [
    ...unset.map((each) => unsetProblem(each, yaml)),
    ...valueProblems(result.error?.issues ?? [], filled, yaml).filter(({ field }) => !isUnset(field, unset)),
  ];
  if (problems.length > 0 || !result.success) throw new RouteFileError(file, problems.sort(byPosition));
  return { routes: result.data, templates, positionAt: (path) => yaml.positionAt(path) };
}

function problemOfAll(rule: string): FileProblem {
  return { line: null, column: null, field: '', rule, value: null, advice: null };
}

/** Aliases that hold themselves, or grow beyond measure, cannot be written out. */
function plainValue(file: string, { document }: PositionedYaml): unknown {
  try {
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? null));
  } catch (cause) {
    throw new RouteFileError(file, [problemOfAll(`cannot be written out: ${(cause as Error).message}`)], cause);
  }
}

function valueProblems(issues: readonly z.core.$ZodIssue[], filled: unknown, yaml: PositionedYaml): FileProblem[] {
  if (issues.length === 0) return [];
  const schema = routeFileJsonSchema();
  return issues
    .flatMap((issue) => explainIssue(issue, filled, schema))
    .map(({ path, rule, advice, isAboutKey }) => ({
      ...(isAboutKey ? yaml.keyPositionAt(path) : yaml.positionAt(path)),
      field: path.join('.'),
      rule,
      // The name is in the field's path already.
      value: isAboutKey ? null : shownValue(valueAt(filled, path)),
      advice,
    }));
}

function unsetProblem({ variable, path }: Unset, yaml: PositionedYaml): FileProblem {
  return {
    ...yaml.positionAt(path),
    field: path.join('.'),
    rule: `\${${variable}} is not set in the environment`,
    value: null,
    advice: `Set ${variable}, or write what counts without it: \${${variable}:-TEXT}`,
  };
}

/** What is wrong with a text only because a variable of it has no value need not be told. */
function isUnset(field: string, unset: readonly Unset[]): boolean {
  return unset.some(({ path }) => path.join('.') === field);
}

function byPosition(a: FileProblem, b: FileProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
