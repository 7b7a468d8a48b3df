import { MOST_FIELDS, MOST_SAMPLES } from '../domain/parity.ts';
import type { DifferenceSample, ParityReport } from '../domain/parity.ts';
import type { Side } from '../domain/split.ts';
import { OTHER_FIELDS, sumOfParity } from '../domain/sum-parity.ts';
import type { Revision } from '../domain/weight.ts';
import type { Difference, Violation } from './comparator.ts';
import { MOST_FIELD_CHARACTERS } from './redact.ts';
import type { Redactor } from './redact.ts';

/** Why a request that was to be compared was not. */
export const SKIPS = [
  /** The other side had just failed for this very request. */
  'fallback',
  /** The client's own answer was cut, or the edge's. */
  'not-whole',
  /** The client's own answer was 400 or above: whoever forges tokens gets those, of both sides alike. */
  'refused',
  'breaker-open',
  /** As many copies as allowed were under way. */
  'in-flight',
  /** Comparing had its share of the processor. */
  'busy',
  'too-large',
  /** Only where the rules say that `answer` may differ: elsewhere these two are differences. */
  'timeout',
  /** No connection, a reset, or no HTTP. */
  'no-answer',
  /** In a content coding that is not known here. */
  'unreadable',
  'comparator-failed',
  /** The route file was read anew, and that side is another one. */
  'gone',
] as const;
export type Skip = (typeof SKIPS)[number];

/** Whose request it was. */
export type Noted = { readonly requestId: string; readonly at: string; readonly redactor: Redactor };

type Field = { pairs: number; samples: DifferenceSample[] };
type Checks = { checked: number; broken: number; rules: Map<string, number> };

/** What this edge found on one route since its mirroring began. */
export class ParityBook {
  #epoch = -1;
  #compared = 0;
  #differing = 0;
  readonly #skipped = new Map<Skip, number>();
  readonly #fields = new Map<string, Field>();
  readonly #live: Record<Side, Checks> = { old: noChecks(), new: noChecks() };

  /** Begins anew if the epoch is newer. @returns false for what belongs to an older one, and counts no more */
  isCurrent(epoch: Revision): boolean {
    if (epoch > this.#epoch) this.#begin(epoch);
    return epoch === this.#epoch;
  }

  skipped(epoch: Revision, why: Skip): void {
    if (this.isCurrent(epoch)) add(this.#skipped, why);
  }

  compared(epoch: Revision, differences: readonly Difference[], noted: Noted): void {
    if (!this.isCurrent(epoch)) return;
    this.#compared++;
    if (differences.length === 0) return;
    this.#differing++;
    const seen = new Set<Field>();
    for (const difference of differences) this.#differs(difference, noted, seen);
  }

  checked(epoch: Revision, side: Side, violations: readonly Violation[]): void {
    if (!this.isCurrent(epoch)) return;
    const checks = this.#live[side];
    checks.checked++;
    if (violations.length > 0) checks.broken++;
    for (const rule of new Set(violations.map(({ rule }) => rule.slice(0, MOST_FIELD_CHARACTERS)))) {
      const isKnown = checks.rules.has(rule) || checks.rules.size < MOST_FIELDS - 1;
      add(checks.rules, isKnown ? rule : OTHER_FIELDS);
    }
  }

  /** Of that epoch: empty before anything of it was found. */
  report(epoch: Revision): ParityReport {
    if (epoch !== this.#epoch) return sumOfParity([]);
    // A sum of one is in the order that every report has.
    return sumOfParity([
      {
        compared: this.#compared,
        differing: this.#differing,
        skipped: Object.fromEntries(this.#skipped),
        fields: [...this.#fields].map(([field, { pairs, samples }]) => ({ field, pairs, samples })),
        live: { old: reported(this.#live.old), new: reported(this.#live.new) },
      },
    ]);
  }

  #begin(epoch: Revision): void {
    this.#epoch = epoch;
    this.#compared = 0;
    this.#differing = 0;
    this.#skipped.clear();
    this.#fields.clear();
    this.#live.old = noChecks();
    this.#live.new = noChecks();
  }

  /** @param seen fields that this pair counted in already */
  #differs(difference: Difference, { requestId, at, redactor }: Noted, seen: Set<Field>): void {
    const name = redactor.field(difference.field);
    const field = this.#fieldOf(name);
    if (seen.has(field)) return;
    seen.add(field);
    field.pairs++;
    const [old, fresh] = [difference.old, difference.new].map((text) => redactor.value(difference.field, text));
    // The first ones stay, and the last place has the latest.
    field.samples.splice(MOST_SAMPLES - 1);
    field.samples.push({ at, requestId: requestId.slice(0, MOST_FIELD_CHARACTERS), old, new: fresh });
  }

  #fieldOf(name: string): Field {
    const isRoom = this.#fields.has(name) || this.#fields.size < MOST_FIELDS - 1;
    const kept = isRoom ? name : OTHER_FIELDS;
    let field = this.#fields.get(kept);
    if (!field) this.#fields.set(kept, (field = { pairs: 0, samples: [] }));
    return field;
  }
}

function noChecks(): Checks {
  return { checked: 0, broken: 0, rules: new Map() };
}

function reported({ checked, broken, rules }: Checks) {
  return { checked, broken, rules: Object.fromEntries(rules) };
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
