import type { Outcome } from '../data-plane/exchange.ts';
import type { FollowedRequest, Follower } from '../data-plane/follower.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { RouteState } from '../domain/route-state.ts';
import { sideOfHash } from '../domain/split.ts';
import { NOBODY } from '../domain/weight.ts';
import { metBy, standingOf } from './judge-outcome.ts';
import type { Service } from './judge-outcome.ts';
import { CHECKED, INVALID, SLOW } from './met.ts';
import { RouteEvidence } from './route-evidence.ts';
import type { Person } from './route-evidence.ts';
import type { TokenCheck } from './token-check.ts';

export type EvidenceOptions = {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Milliseconds of the clock that requests begin by, `performance.now()`. */
  uptime: () => number;
  tokens: TokenCheck;
  /** What is in force. */
  stateOf: (route: string) => RouteState | undefined;
};

/**
 * Notes what the people of each route meet, from the epoch's beginning: those that the weight put on their side, while it
 * puts anybody on the new one. A route keeps its evidence while the configuration changes around it.
 */
export class EvidenceCollector implements Follower {
  readonly #options: EvidenceOptions;
  readonly #routes = new Map<string, RouteEvidence>();
  /** From `uptime` to `now`, as of the last look: the request path reads no clock. */
  #wallOffsetMs: number;

  constructor(options: EvidenceOptions) {
    this.#options = options;
    this.#wallOffsetMs = options.now() - options.uptime();
  }

  began(request: FollowedRequest): void {
    if (!isJudged(request)) return;
    const { route, state } = request;
    let evidence = this.#routes.get(route.name);
    if (!evidence?.isOf(state.epoch)) evidence = this.#begin(request);
    evidence?.open.add(request);
  }

  ended(request: FollowedRequest, outcome: Outcome): void {
    const evidence = this.#evidenceFor(request);
    if (!evidence) return;
    evidence.open.delete(request);
    const { authorization } = request.head;
    const service = serviceOf(outcome);
    const hasToken = authorization !== undefined;
    const standing = standingOf(service, hasToken);
    if (standing === 'never') return;
    const met = metBy(service, { objectiveMs: request.route.objectiveMs, hasToken });
    const isMisplaced = wasMisplaced(request, outcome);
    // What waits keeps no more of the request than this.
    const person = this.#personOf(request);
    if (standing === 'at-once') {
      if (hasToken && isAcceptance(outcome)) this.#options.tokens.accepted(request.hash, authorization);
      return evidence.request(person, met, isMisplaced);
    }
    this.#options.tokens.check(person.hash, authorization!, {
      genuine: () => evidence.request(person, met, isMisplaced),
      unverifiable: () => evidence.unverified(person.side),
    });
  }

  /** The content of an answer with a status below 400 was looked at; `isBroken`: against the comparator's rules. */
  invalid(request: FollowedRequest, isBroken: boolean): void {
    const evidence = this.#evidenceFor(request);
    if (!evidence) return;
    const person = this.#personOf(request);
    const genuine = () => evidence.meet(person, isBroken ? CHECKED | INVALID : CHECKED);
    const { authorization } = request.head;
    // Whoever is not let in may be sent elsewhere.
    const isRedirect = (request.copy?.status ?? 0) >= 300;
    if (isRedirect && authorization !== undefined) this.#options.tokens.check(person.hash, authorization, { genuine });
    else genuine();
  }

  /** Of the epoch that the route's last requests belong to; undefined while there were none. */
  evidenceOf(route: string): Evidence | undefined {
    return this.#routes.get(route)?.evidence;
  }

  /** The route is another one from now on: what was seen of it before says nothing of it. */
  forget(route: string): void {
    this.#routes.delete(route);
  }

  /** To be called twice a second: who waits longer than the objective has been served slowly by now. */
  advance(): void {
    const { now, uptime } = this.#options;
    const wallNow = now();
    const upNow = uptime();
    this.#wallOffsetMs = wallNow - upNow;
    for (const evidence of this.#routes.values()) {
      evidence.advance(wallNow);
      for (const request of evidence.open) {
        if (upNow - request.startedAt > request.route.objectiveMs) this.#becameSlow(evidence, request);
      }
    }
  }

  #becameSlow(evidence: RouteEvidence, request: FollowedRequest): void {
    evidence.open.delete(request);
    const { authorization } = request.head;
    const person = this.#personOf(request);
    const genuine = () => evidence.meet(person, SLOW);
    if (authorization === undefined) genuine();
    // If it cannot be verified, that counts when the request has ended.
    else this.#options.tokens.check(person.hash, authorization, { genuine });
  }

  /** A request that was put on its side just before the epoch began may come just after. */
  #begin({ route, state }: FollowedRequest): RouteEvidence | undefined {
    const evidence = new RouteEvidence(state.epoch);
    const inForce = this.#options.stateOf(route.name);
    if (!inForce || !evidence.isOf(inForce.epoch)) return undefined;
    this.#routes.set(route.name, evidence);
    return evidence;
  }

  /** Undefined for what is not judged, or not any more. */
  #evidenceFor(request: FollowedRequest): RouteEvidence | undefined {
    const evidence = isJudged(request) ? this.#routes.get(request.route.name) : undefined;
    return evidence?.isOf(request.state.epoch) ? evidence : undefined;
  }

  #personOf({ hash, assignment, startedAt }: FollowedRequest): Person {
    return { hash, side: assignment.side, at: this.#wallOffsetMs + startedAt };
  }
}

function isJudged({ assignment, state }: FollowedRequest): boolean {
  return assignment.by === 'weight' && state.weight !== NOBODY;
}

function serviceOf({ status, fallback, fault, durationMs }: Outcome): Service {
  return { status, isSaved: fallback !== undefined, fault, durationMs };
}

/** Whoever is not let in may be sent elsewhere. */
function isAcceptance({ status = 0 }: Outcome): boolean {
  return status < 300 || status === 304;
}

/** Whether the other side than the hash's answered without a reason, by our own books or by its own words. */
function wasMisplaced({ route, assignment, hash, state }: FollowedRequest, outcome: Outcome): boolean {
  if (outcome.fallback !== undefined) return false;
  const { side } = assignment;
  if (sideOfHash(hash, state.weight) !== side) return true;
  const other = route.sides[side === 'old' ? 'new' : 'old'];
  if (other === route.sides[side]) return false;
  return outcome.servedBy === other || outcome.madeBy === other.name;
}
