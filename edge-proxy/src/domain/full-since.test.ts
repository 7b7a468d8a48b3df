import { expect, test } from '@jest/globals';
import { fullSince } from './full-since.ts';
import { weightFromPercent } from './weight.ts';

/** A change to a weight in percent, so many seconds after midnight. */
const change = (seconds: number, percent: number) => ({
  weight: weightFromPercent(percent),
  changedAt: new Date(Date.UTC(2026, 2, 1, 0, 0, seconds)).toISOString(),
});

test.each([
  [
    'not full',
    [
      [90, 50],
      [80, 100],
    ],
    undefined,
    true,
  ],
  [
    'since the last change',
    [
      [90, 100],
      [20, 50],
    ],
    90,
    true,
  ],
  [
    'since the first of several at 100 %',
    [
      [90, 100],
      [80, 100],
      [70, 100],
      [5, 50],
    ],
    70,
    true,
  ],
  [
    'across a drill',
    [
      [90, 100],
      [80, 0],
      [70, 100],
      [5, 50],
    ],
    70,
    true,
  ],
  [
    'across two drills',
    [
      [90, 100],
      [85, 0],
      [80, 100],
      [75, 0],
      [70, 100],
      [5, 50],
    ],
    70,
    true,
  ],
  [
    'not across a longer way back',
    [
      [400, 100],
      [300, 0],
      [70, 100],
      [5, 50],
    ],
    400,
    true,
  ],
  [
    'not across a way back to less than everybody',
    [
      [90, 100],
      [80, 0],
      [70, 50],
    ],
    90,
    true,
  ],
  [
    'perhaps longer, where older changes are not there',
    [
      [90, 100],
      [80, 100],
    ],
    80,
    false,
  ],
  [
    'perhaps longer, where a drill may be the oldest',
    [
      [90, 100],
      [80, 0],
    ],
    90,
    false,
  ],
] as const)('%s', (_case, changes, seconds, isCertain) => {
  const entries = changes.map(([at, percent]) => change(at, percent));
  const since = seconds === undefined ? undefined : Date.UTC(2026, 2, 1, 0, 0, seconds);
  expect(fullSince(entries[0]!, entries)).toEqual({ since, isCertain });
});
