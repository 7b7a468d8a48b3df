import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { sideOf } from './split.ts';
import { weightFromPercent } from './weight.ts';

type Golden = {
  nginx: string;
  route: string;
  weights: number[];
  vectors: { shows: string; key?: string; sides?: string[] }[];
};

const file = new URL(import.meta.resolve('@fit/contracts/golden/vectors.json'));
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;

test.each(
  golden.vectors.filter(({ key }) => key !== undefined).map(({ shows, key, sides }) => [shows, key!, sides!] as const),
)(`nginx ${golden.nginx} and the edge agree on the side: %s`, (_shows, key, sides) => {
  expect(golden.weights.map((weight) => sideOf(golden.route, key, weightFromPercent(weight)))).toEqual(sides);
});
