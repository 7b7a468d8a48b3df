import type { Identity } from '@fit/service-kit/authenticate';
import type { Response } from 'express';
import type { z } from 'zod';
import type { ConfiguredRoute } from '../control-plane/configured-route.ts';
import type { Revision } from '../domain/weight.ts';

/** One thing that the admin API does: both its Express route and its part of the OpenAPI document are made from this. */
export type Operation = {
  method: 'GET' | 'PUT' | 'POST';
  /** Below `/admin/v1`; `{route}` is a configured route. */
  path: string;
  /** `reader`: every role of the admin API; `writer`: those that change weights. */
  who: 'anyone' | 'reader' | 'writer';
  summary: string;
  query?: z.ZodObject;
  body?: z.ZodObject;
  /** Needs `If-Match`. */
  followsRevision?: true;
  answer: {
    status: 200 | 201;
    description: string;
    schema: z.ZodType;
    /** Default `application/json`. */
    mediaType?: 'text/event-stream';
    /** Carries the revision as `ETag`. */
    hasRevision?: true;
  };
  /** Statuses of refusals that do not follow from the rest. */
  refusals?: readonly number[];
};

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Part<Op, Name extends string> = Op extends Record<Name, infer Value> ? Value : undefined;

/** A request that has passed every check that its operation names. */
export type Asked<Op extends Operation> = {
  route: Op['path'] extends `${string}{route}${string}` ? ConfiguredRoute : undefined;
  query: Output<Part<Op, 'query'>>;
  body: Output<Part<Op, 'body'>>;
  /** Of `If-Match`. */
  expected: Part<Op, 'followsRevision'> extends true ? Revision : undefined;
  caller: Op['who'] extends 'anyone' ? undefined : Identity;
  res: Response;
};

/** `undefined`: the handler answers by itself, as a stream. */
export type Answer<Op extends Operation> = { body: z.input<Op['answer']['schema']>; revision?: Revision } | undefined;

export type Handler<Op extends Operation> = (asked: Asked<Op>) => Answer<Op> | Promise<Answer<Op>>;

export type Handlers<Operations extends Record<string, Operation>> = {
  [Id in keyof Operations]: Handler<Operations[Id]>;
};
