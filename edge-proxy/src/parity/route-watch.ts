import type { CompareConfig, MirrorBounds, RouteConfig } from '../config/route-file.ts';
import type { Side } from '../domain/split.ts';
import type { Comparator } from './comparator.ts';
import { ParityBook } from './parity-book.ts';
import { Redactor } from './redact.ts';
import { Rate } from './work-budget.ts';

/** Of all copies of answers on their way to clients of one route. */
const MOST_COPIED_BYTES = 64 * 1024 * 1024;
const MOST_COPIES = 256;
/** So many answers of a side are checked in a second however few there are: with few people, each answer tells much. */
const FEWEST_CHECKS_PER_SECOND = 5;
/** GETs for checks on the old side, which serves people. */
const MOST_FETCHES_PER_SECOND = 10;

export type WatchedRoute = Pick<RouteConfig, 'name' | 'mirror' | 'compare'>;

/** A route as those who compare its answers see it. What was found stays when its configuration changes. */
export class RouteWatch {
  readonly route: string;
  readonly book = new ParityBook();
  readonly floors: Readonly<Record<Side, Rate>> = {
    old: new Rate(FEWEST_CHECKS_PER_SECOND),
    new: new Rate(FEWEST_CHECKS_PER_SECOND),
  };
  readonly fetches = new Rate(MOST_FETCHES_PER_SECOND);
  mirror: MirrorBounds;
  compare: CompareConfig;
  comparator: Comparator;
  redactor: Redactor;
  /** Copies of answers that are being made; calls to the other side; checks. */
  copies = 0;
  mirrorsInFlight = 0;
  checksInFlight = 0;
  fetchesInFlight = 0;
  /** Whether it is known already that the comparator throws. */
  hasFailed = false;

  constructor({ name, mirror, compare }: WatchedRoute, comparator: Comparator) {
    this.route = name;
    this.mirror = mirror;
    this.compare = compare;
    this.comparator = comparator;
    this.redactor = new Redactor(compare.redact);
  }

  configure({ mirror, compare }: WatchedRoute, comparator: Comparator): void {
    this.mirror = mirror;
    this.compare = compare;
    this.comparator = comparator;
    this.redactor = new Redactor(compare.redact);
    this.hasFailed = false;
  }

  /** Whether one more answer may be copied while it goes to its client. */
  get mayCopy(): boolean {
    return this.copies < Math.max(4, Math.min(MOST_COPIES, MOST_COPIED_BYTES / this.mirror.maxBodyBytes));
  }
}
