import type { CompareConfig, MirrorBounds, RouteConfig } from '../config/route-file.ts';
import { CheckShare } from './check-share.ts';
import type { Comparator } from './comparator.ts';
import { ParityBook } from './parity-book.ts';
import { Redactor } from './redact.ts';
import { Rate } from './work-budget.ts';

/** Of all copies of answers on their way to clients of one route. */
const MOST_COPIED_BYTES = 64 * 1024 * 1024;
const MOST_COPIES = 256;
/** GETs for checks on the old side, which serves people. */
const MOST_FETCHES_PER_SECOND = 10;

export type WatchedRoute = Pick<RouteConfig, 'name' | 'mirror' | 'compare'>;

/** A route as those who compare its answers see it. What was found stays when its configuration changes. */
export class RouteWatch {
  readonly route: string;
  readonly book = new ParityBook();
  readonly checkShare = new CheckShare();
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

  /** Whether the content of what people get is looked at. */
  get checksContent(): boolean {
    return this.comparator.check !== undefined && this.compare.checkPercent > 0;
  }

  /** Whether one more answer may be copied while it goes to its client. */
  get mayCopy(): boolean {
    return this.copies < Math.max(4, Math.min(MOST_COPIES, MOST_COPIED_BYTES / this.mirror.maxBodyBytes));
  }
}
