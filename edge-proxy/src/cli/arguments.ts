import { InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import { rampRequestSchema, reasonRequestSchema, weightRequestSchema } from '../admin-api/schemas.ts';
import type { RampRequest } from '../admin-api/schemas.ts';
import { CommandError, EXIT } from './exit-code.ts';

/** A plan that is sent with the order. */
export type OwnPlan = NonNullable<RampRequest['plan']>;

/** One parser for each kind of word that a command takes; the rules are the server's, before it is asked. */

export function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.username) {
    throw new CommandError(EXIT.usage, `the URL must be http(s)://host:port, received ${JSON.stringify(text)}`);
  }
  return url.origin;
}

export function parsePercent(text: string): number {
  if (!/^\d+(\.\d+)?\s*%?$/.test(text)) throw new InvalidArgumentError('Must be a number from 0 to 100.');
  return parseBy(weightRequestSchema.shape.weight, Number.parseFloat(text));
}

export function parseReason(text: string): string {
  return parseBy(reasonRequestSchema.shape.reason, text);
}

/** The text is sent as it is; the rules are those of the plan. */
export function parseSteps(text: string): string {
  parseBy(rampRequestSchema.shape.plan, { steps: text });
  return text;
}

export function parseMinimumUsers(text: string): number {
  return wholeNumberFrom(1, 1000)(text);
}

export function onFailOption(): Option {
  return new Option('--on-fail <what>', 'what a gate that fails leads to; with --plan (default: rollback)').choices([
    'rollback',
    'freeze',
  ]);
}

export function judgedByOption(): Option {
  return new Option(
    '--judged-by <whom>',
    'custom-gates: by those of --gates alone, where no request passes the edge; with --plan (default: people)',
  ).choices(['people', 'custom-gates']);
}

/** The rules are those of the plan that the gates become a part of. */
export function parseGates(text: string): OwnPlan['gates'] {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(
      'Must be JSON such as {"custom": [{"name": …, "upstream": …, "good": …, "total": …}]}.',
    );
  }
}

/** A plan that the server is going to take. */
export function checkedPlan(plan: OwnPlan): OwnPlan {
  const { error } = rampRequestSchema.shape.plan.safeParse(plan);
  if (!error) return plan;
  const { path, message } = error.issues[0]!;
  const value = path.reduce<unknown>((parent, name) => (parent as Record<PropertyKey, unknown>)?.[name], plan);
  throw new CommandError(
    EXIT.usage,
    `plan.${path.join('.')} ${message}, received ${JSON.stringify(value) ?? 'nothing'}`,
  );
}

export function parseRevision(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Must be a whole number.');
  return Number(text);
}

export function parseUser(text: string): string {
  if (text === '') throw new InvalidArgumentError('Must be the key of a user.');
  return text;
}

/** @returns a parser of whole numbers within bounds, both included */
export function wholeNumberFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Must be a whole number from ${min} to ${max}.`);
  };
}

/** @returns a parser of seconds within bounds, both included; the result is milliseconds */
export function secondsFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const seconds = /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
    if (seconds >= min && seconds <= max) return Math.round(seconds * 1000);
    throw new InvalidArgumentError(`Must be seconds, from ${min} to ${max}.`);
  };
}

function parseBy<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidArgumentError(`It ${result.error.issues[0]?.message}.`);
}
