import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fleetOf, lookMicros, lookShare, mostCarried, mostEdges, storeNeeds } from './fleet.ts';
import type { Looking } from './fleet.ts';
import { readMeasured, valueOf } from './measured.ts';
import type { Measured } from './measured.ts';
import { otherwiseMeasured } from './test/scaled.ts';

const measured = readMeasured();
/** Twice as many as one edge can look at, however calm the machine. */
const MANY = 6000;
const ROUNDING = 1e-9;

/** How busy the busiest core is. */
function busiest(perSecond: number, edges: number, looking: Looking, figures: Measured): number {
  const serving = looking === 'all' ? edges : edges - 1;
  const requests = (perSecond * valueOf(figures, 'edgeMicros')) / 1_000_000 / serving;
  const looks = (2 * lookMicros(edges, figures)) / 1_000_000;
  return looking === 'all' ? requests + looks : Math.max(requests, looks);
}

describe('a fleet', () => {
  const question = fc.record({
    figures: otherwiseMeasured(measured, { min: 0.3, max: 3 }),
    perSecond: fc.integer({ min: 1, max: 2_000_000 }),
    looking: fc.constantFrom<Looking>('all', 'one'),
    busyShare: fc.constantFrom(0.6, 1),
  });

  test('is the smallest whose cores have room for requests and looks together; there is none only if none has', () => {
    fc.assert(
      fc.property(question, ({ figures, perSecond, looking, busyShare }) => {
        const fleet = fleetOf(perSecond, looking, { measured: figures, busyShare });
        const fits = (edges: number) => busiest(perSecond, edges, looking, figures) <= busyShare - ROUNDING;
        for (let edges = 1; edges < (fleet?.edges ?? MANY); edges++) {
          if (fits(edges)) throw new Error(`${edges} edges would do, received ${fleet?.edges}`);
        }
        if (!fleet) return;
        expect(busiest(perSecond, fleet.edges, looking, figures)).toBeLessThanOrEqual(busyShare + ROUNDING);
        const shares = [fleet.requestShare, fleet.lookShare];
        const together = looking === 'all' ? shares[0]! + shares[1]! : Math.max(...shares);
        expect(together).toBeCloseTo(busiest(perSecond, fleet.edges, looking, figures), 9);
      }),
    );
  });

  test('exists for what is the most, and for no more', () => {
    fc.assert(
      fc.property(question, ({ figures, looking, busyShare }) => {
        const cores = { measured: figures, busyShare };
        const most = mostCarried(looking, cores);
        expect(fleetOf(most.perSecond * (1 - ROUNDING), looking, cores)?.edges).toBeLessThanOrEqual(most.edges);
        expect(fleetOf(most.perSecond * (1 + ROUNDING), looking, cores)).toBeUndefined();
      }),
    );
  });

  test('that may have a few edges only carries the most that these do', () => {
    const cores = { measured, busyShare: 0.6 };
    const most = (0.6 - lookShare(5, measured)) * 5 * (1_000_000 / valueOf(measured, 'edgeMicros'));
    expect(mostCarried('all', { ...cores, upTo: 5 })).toEqual({ perSecond: expect.closeTo(most, 3), edges: 5 });
    expect(mostCarried('one', { ...cores, upTo: 1 })).toEqual({ perSecond: 0, edges: 0 });
  });
});

describe('looks', () => {
  test('cost Redis the square of the edges, unless one looks alone', () => {
    const growth = (lookers: (edges: number) => number) => {
      const of = (edges: number) => storeNeeds({ edges, lookers: lookers(edges) }, measured).bytesPerSecond;
      return of(2000) / of(1000);
    };
    expect(growth((edges) => edges)).toBeCloseTo(4, 1);
    expect(growth(() => 1)).toBeCloseTo(2, 1);
  });

  test('cost an edge what was measured, and what lies on straight lines between', () => {
    const of = (edges: number) => valueOf(measured, `lookMicrosOf${edges}`);
    for (const edges of [10, 100, 1000]) expect(lookMicros(edges, measured)).toBeCloseTo(of(edges));
    expect(lookMicros(5, measured)).toBeCloseTo(of(10) / 2);
    expect(lookMicros(55, measured)).toBeCloseTo((of(10) + of(100)) / 2);
    expect(lookMicros(550, measured)).toBeCloseTo((of(100) + of(1000)) / 2);
    expect(lookMicros(2000, measured)).toBeCloseTo(2 * of(1000));
  });
});

test('finds the most edges that are not too many', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 999_999 }), (most) => mostEdges((edges) => edges <= most) === most));
});
