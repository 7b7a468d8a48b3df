/** How far a counter grew from its first value that was seen, over restarts of whoever counts. */
export type CounterGrowth = { readonly grown: number; readonly last: number | undefined };

/** Nothing was seen yet. */
export const NO_GROWTH: CounterGrowth = { grown: 0, last: undefined };

/**
 * The growth after one more look. The first value is where growth begins. One below the last is that of a counter that began
 * anew from 0, so that all of it is growth (as `increase` of Prometheus has it); what was counted between the last look and
 * the restart is lost.
 *
 * @param value at least 0; undefined, if it could not be had, changes nothing
 */
export function grow({ grown, last }: CounterGrowth, value: number | undefined): CounterGrowth {
  if (value === undefined) return { grown, last };
  if (last === undefined) return { grown, last: value };
  return { grown: grown + (value < last ? value : value - last), last: value };
}
