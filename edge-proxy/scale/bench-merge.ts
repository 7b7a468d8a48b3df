import { FLAWS, MOST_USERS } from '../src/domain/evidence.ts';
import type { Evidence } from '../src/domain/evidence.ts';
import { mergeEvidence } from '../src/domain/merge-evidence.ts';
import { revision } from '../src/domain/weight.ts';
import { evidenceSchema } from '../src/control-plane/evidence-schema.ts';
import { RandomStream } from '../simulate/random-stream.ts';
import type { Found } from './measured.ts';

const FLEETS = [10, 100, 1000] as const;
/** Long enough for the compiler to settle, and bounded. */
const LEAST_MS = 1500;

/** What one look at everybody's evidence costs the edge that looks: JSON, the check of it, and the sum. */
export function benchMerge(say: (text: string) => void): Found {
  const found: Record<string, number> = {};
  for (const people of [64, MOST_USERS]) {
    found[people === MOST_USERS ? 'fullEvidenceBytes' : 'smallEvidenceBytes'] = JSON.stringify(
      evidence(0, people),
    ).length;
  }
  for (const edges of FLEETS) {
    say(`a look at the evidence of ${edges} edges`);
    found[`lookMicrosOf${edges}`] = lookMicros(Array.from({ length: edges }, (_, edge) => evidence(edge, MOST_USERS)));
  }
  return found;
}

function lookMicros(all: readonly Evidence[]): number {
  const texts = all.map((each) => JSON.stringify(each));
  const look = () => mergeEvidence(texts.map((text) => evidenceSchema.parse(JSON.parse(text))));
  look();
  let looks = 0;
  const startedAt = performance.now();
  const before = process.cpuUsage();
  while (performance.now() - startedAt < LEAST_MS || looks < 3) {
    look();
    looks++;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / looks;
}

/** As an edge has it in the second period of a step at 50 %: `people` in each of both, of whom 1 % met something. */
export function evidence(edge: number, people: number): Evidence {
  const random = new RandomStream(edge, people);
  const counts = { units: 9000, checked: 0, failed: 40, slow: 10, rejected: 20, invalid: 0 };
  const period = (number: number) => {
    const users = distinct(random, people);
    const judged = users.slice(0, Math.ceil(people / 2));
    const flawed = (list: readonly number[]) =>
      Object.fromEntries(FLAWS.map((flaw, at) => [flaw, list.filter((_, index) => index % 100 === at)])) as Record<
        (typeof FLAWS)[number],
        number[]
      >;
    return { period: number, users, flawed: flawed(users), judged: { users: judged, checked: [], ...flawed(judged) } };
  };
  return {
    epoch: revision(1),
    requests: { old: 60_000, new: 60_000 },
    units: { old: counts, new: counts },
    misplaced: 0,
    unverified: { old: 3, new: 2 },
    periods: [period(1), period(2)],
    custom: {},
  };
}

function distinct(random: RandomStream, count: number): number[] {
  const all = new Set<number>();
  while (all.size < count) all.add(random.bits());
  return [...all];
}
