/** What one edge found when it laid the answers of both sides beside each other, since mirroring began. */
export type ParityReport = {
  /** Pairs of answers that were compared, one of which may be missing: that is a difference. */
  readonly compared: number;
  /** Pairs with at least one difference that no rule explains. */
  readonly differing: number;
  /** Requests that were to be compared and were not, by why: a closed list. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Where they differed: at most `MOST_FIELDS`, the rest under `(other)`. */
  readonly fields: readonly FieldDifference[];
  /** Live answers whose content was looked at, by side: how many, and how many of them broke a rule. */
  readonly live: Readonly<Record<'old' | 'new', LiveChecks>>;
};

export type FieldDifference = {
  /** `status`, `header content-type`, `body.exercises[].name`: places in lists have no number. */
  readonly field: string;
  readonly pairs: number;
  /** At most `MOST_SAMPLES`, redacted. */
  readonly samples: readonly DifferenceSample[];
};

export type DifferenceSample = {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly requestId: string;
  /** As short text; undefined if that side has none. */
  readonly old: string | undefined;
  readonly new: string | undefined;
};

export type LiveChecks = {
  readonly checked: number;
  readonly broken: number;
  /** Broken answers by rule; at most `MOST_FIELDS`. */
  readonly rules: Readonly<Record<string, number>>;
};

export const MOST_FIELDS = 50;
export const MOST_SAMPLES = 3;
