/**
 * How the answers of both sides are compared: the stable interface of comparator modules. A module exports
 * `createComparator: CreateComparator`; ../../comparators/ has those of this project.
 */

/** An answer as a comparator sees it, whole and decoded. */
export type ComparedAnswer = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed, if it is JSON. */
  readonly body: unknown;
  /** Undefined if it is no text. */
  readonly text: string | undefined;
  /** SHA-256, hexadecimal, of a body that is no text. */
  readonly digest: string | undefined;
};

/** Something that no rule explains. */
export type Difference = {
  /**
   * `status`, `header content-type`, `body.exercises[].name`: places in lists have no number. `answer`, by the edge itself: one
   * side has none.
   */
  readonly field: string;
  /** Text to be shown, undefined if that side has none. Whoever keeps it redacts it, and then shortens it. */
  readonly old: string | undefined;
  readonly new: string | undefined;
};

/** A rule that an answer breaks by itself. */
export type Violation = {
  /** One of a small, closed list of the module: `six exercises`. */
  readonly rule: string;
  /** What was there instead, short. */
  readonly found: string;
};

/** What a check may ask about the request that was answered. */
export type CheckContext = {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Of the bearer token, decoded and not verified; undefined without one. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /**
   * The body of a GET on the old side with the caller's own token, as JSON; budgeted. Undefined if it could not be had: then
   * what needs it is left unchecked.
   */
  readonly fetchFromOld: (target: string) => Promise<unknown>;
};

export type Comparator = {
  /** @returns nothing if the answers say the same */
  readonly compare: (old: ComparedAnswer, fresh: ComparedAnswer) => readonly Difference[];
  /**
   * Rules that hold for every answer below 400 to a GET, of either side; left out where there are none. What a redirect, or an
   * answer without content, breaks is for them to say. `readable` is broken without them, by what is too large or in an
   * unknown coding. A route that has them is not promoted before enough answers were looked at, so one that always rejects
   * holds its ramps.
   */
  readonly check?: (answer: ComparedAnswer, context: CheckContext) => Promise<readonly Violation[]>;
};

/** What the route file says of a route's comparison. */
export type CompareRules = {
  /** Headers that must be equal. */
  readonly headers: readonly string[];
  /** Fields that may differ, as `Difference` names them; what is below one may, too. */
  readonly ignore: readonly string[];
  /** By how much numbers may differ, by field. */
  readonly tolerance: Readonly<Record<string, number>>;
};

export type CreateComparator = (rules: CompareRules) => Comparator;
