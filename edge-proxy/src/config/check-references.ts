import { z } from 'zod';

/** The rule that a name of an upstream breaks if there is none of that name. */
export const NO_SUCH_UPSTREAM = 'must name an upstream';

/** Answered by the edge on its public port. */
const OWN_PATHS = ['/health', '/ready'];

const textIfAny = z.string().optional().catch(undefined);

const gatesSchema = z.object({ gates: z.object({ custom: z.array(z.object({ upstream: textIfAny })) }) });
const routeSchema = z.object({
  name: textIfAny,
  path: textIfAny,
  old: textIfAny,
  new: textIfAny,
  ramp: gatesSchema.optional().catch(undefined),
});

/** Whatever of a file is well-formed; the rest is undefined, or left out, and told by the schema of the file. */
const wellFormedSchema = z.object({
  upstreams: z.record(z.string(), z.unknown()).optional().catch(undefined),
  defaultUpstream: textIfAny,
  routes: z.array(routeSchema.catch({ ramp: undefined })).catch([]),
  internalPaths: z.array(z.unknown()).catch([]),
});

type WellFormed = z.output<typeof wellFormedSchema>;
type Place = readonly (string | number)[];
/** A field, and the rule that it breaks. */
type Fault = { at: Place; rule: string };

/**
 * The rules between the fields of a route file: every upstream that is named exists; the sides of a route differ; no two
 * routes share a name or a path, and none would be out of reach. Each is judged as far as what it needs is well-formed, so
 * that its faults are told beside those of everything else.
 */
export function checkReferences(file: unknown, context: z.RefinementCtx): void {
  const { data } = wellFormedSchema.safeParse(file);
  if (!data) return;
  const faults = [...missingUpstreams(data), ...equalSides(data), ...pathsOutOfReach(data), ...repeatedMembers(data)];
  for (const { at, rule } of faults) context.addIssue({ code: 'custom', path: [...at], message: rule });
}

function missingUpstreams({ upstreams, defaultUpstream, routes }: WellFormed): Fault[] {
  if (!upstreams) return [];
  const named: (readonly [Place, string | undefined])[] = [
    [['defaultUpstream'], defaultUpstream],
    ...routes.flatMap((route, index) => [
      ...(['old', 'new'] as const).map((side) => [['routes', index, side], route[side]] as const),
      ...(route.ramp?.gates.custom ?? []).map(
        ({ upstream }, gate) => [['routes', index, 'ramp', 'gates', 'custom', gate, 'upstream'], upstream] as const,
      ),
    ]),
  ];
  return named.flatMap(([at, upstream]) =>
    upstream === undefined || Object.hasOwn(upstreams, upstream) ? [] : [{ at, rule: NO_SUCH_UPSTREAM }],
  );
}

function equalSides({ routes }: WellFormed): Fault[] {
  return routes.flatMap((route, index) =>
    route.old !== undefined && route.old === route.new
      ? [{ at: ['routes', index, 'new'], rule: 'must differ from old' }]
      : [],
  );
}

function pathsOutOfReach({ routes, internalPaths }: WellFormed): Fault[] {
  const rule = 'must not be an internal path or one that the edge answers itself';
  return routes.flatMap(({ path }, index) =>
    path !== undefined && (OWN_PATHS.includes(path) || internalPaths.includes(path))
      ? [{ at: ['routes', index, 'path'], rule }]
      : [],
  );
}

function repeatedMembers({ routes }: WellFormed): Fault[] {
  const rule = 'must differ from that of every other route';
  return (['name', 'path'] as const).flatMap((member) =>
    repeated(routes.map((route) => route[member])).map((index) => ({ at: ['routes', index, member], rule })),
  );
}

function repeated(values: readonly (string | undefined)[]): number[] {
  return values.flatMap((value, index) => (value !== undefined && values.indexOf(value) < index ? [index] : []));
}
