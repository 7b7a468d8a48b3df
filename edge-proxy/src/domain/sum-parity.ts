import { MOST_FIELDS, MOST_SAMPLES } from './parity.ts';
import type { FieldDifference, LiveChecks, ParityReport } from './parity.ts';

/** Where the differences of fields go that are too many to be told apart. */
export const OTHER_FIELDS = '(other)';

type Counts = Readonly<Record<string, number>>;

/** What several edges found, as one report; of more fields than a report has room for, the most frequent stay. */
export function sumOfParity(reports: readonly ParityReport[]): ParityReport {
  return {
    compared: sum(reports.map(({ compared }) => compared)),
    differing: sum(reports.map(({ differing }) => differing)),
    skipped: sumOfCounts(reports.map(({ skipped }) => skipped)),
    fields: sumOfFields(reports.flatMap(({ fields }) => fields)),
    live: {
      old: sumOfChecks(reports.map(({ live }) => live.old)),
      new: sumOfChecks(reports.map(({ live }) => live.new)),
    },
  };
}

function sumOfChecks(checks: readonly LiveChecks[]): LiveChecks {
  const rules = Object.entries(sumOfCounts(checks.map(({ rules }) => rules)));
  return {
    checked: sum(checks.map(({ checked }) => checked)),
    broken: sum(checks.map(({ broken }) => broken)),
    rules: Object.fromEntries(rules.sort(([, a], [, b]) => b - a).slice(0, MOST_FIELDS)),
  };
}

function sumOfFields(all: readonly FieldDifference[]): FieldDifference[] {
  const byName = Map.groupBy(all, ({ field }) => field);
  const rest = byName.get(OTHER_FIELDS) ?? [];
  byName.delete(OTHER_FIELDS);
  const named = [...byName].map(([field, same]) => summed(field, same)).sort(byPairs);
  const room = rest.length === 0 && named.length <= MOST_FIELDS ? MOST_FIELDS : MOST_FIELDS - 1;
  const left = [...named.slice(room), ...rest];
  return left.length === 0 ? named : [...named.slice(0, room), summed(OTHER_FIELDS, left)];
}

function summed(field: string, same: readonly FieldDifference[]): FieldDifference {
  const samples = same.flatMap(({ samples }) => samples).sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  return { field, pairs: sum(same.map(({ pairs }) => pairs)), samples: samples.slice(0, MOST_SAMPLES) };
}

/** The most frequent first; as frequent ones by name, so that a page does not jump. */
function byPairs(a: FieldDifference, b: FieldDifference): number {
  return b.pairs - a.pairs || (a.field < b.field ? -1 : 1);
}

function sumOfCounts(all: readonly Counts[]): Counts {
  const total: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
  }
  return total;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
