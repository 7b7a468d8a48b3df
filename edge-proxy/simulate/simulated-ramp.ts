import { decideRamp } from '../src/domain/decide-ramp.ts';
import { PERIOD_MS } from '../src/domain/evidence.ts';
import { mergeEvidence } from '../src/domain/merge-evidence.ts';
import type { RampDecision } from '../src/domain/ramp-decision.ts';
import type { Ramp } from '../src/domain/ramp.ts';
import { revision, weightToPercent } from '../src/domain/weight.ts';
import type { Weight } from '../src/domain/weight.ts';
import { mayFail } from './may-fail.ts';
import type { Population } from './population.ts';
import type { RandomStream } from './random-stream.ts';
import { Rivals } from './rivals.ts';
import type { Rival } from './rivals.ts';
import type { Scenario } from './scenarios.ts';
import { FLAW_BITS, SimulatedEdge } from './simulated-edge.ts';
import { Traffic } from './traffic.ts';
import type { Served } from './traffic.ts';

const EDGES = 3;
const HOUR_S = 3600;

export type RampRun = {
  readonly scenario: Scenario;
  readonly population: Population;
  readonly random: RandomStream;
  readonly seconds: number;
  /** The plan's step at which it begins; 0 if absent. */
  readonly step?: number;
  /** An operator promotes what is held for an hour after its bake, so that every weight is met. */
  readonly isPromoted?: boolean;
  /** So many of the requests are answered by the other side than their hash's, without a reason. */
  readonly misplacedShare?: number;
  /** Looks even when nothing changed that a decision depends on; only slower. */
  readonly everyLook?: boolean;
};

export type RampOutcome = {
  /** The weights that it reached by decision, and when, in seconds; then how it ended, if before its time. */
  readonly moves: readonly { readonly atSecond: number; readonly kind: RampDecision['kind'] | 'promoted' }[];
  readonly last: RampDecision;
  readonly requests: number;
  readonly endedAtSecond: number;
  readonly rivals: Readonly<Record<Rival, boolean>>;
};

/** Carries a ramp out, by the edge's own rules, second by second until its time is over or it is rolled back. */
export function simulateRamp(run: RampRun): RampOutcome {
  const ramp = new SimulatedRamp(run);
  for (let second = 0; second < run.seconds && !ramp.isOver; second++) ramp.pass(second);
  return ramp.outcome;
}

class SimulatedRamp {
  readonly #run: RampRun;
  readonly #edges: readonly SimulatedEdge[];
  /** Sees what all edges see, and keeps it. */
  readonly #all: SimulatedEdge;
  readonly #traffic: Traffic;
  readonly #rivals: Rivals;
  readonly #moves: RampOutcome['moves'][number][] = [];
  #ramp: Ramp;
  #weight: Weight;
  #epochSecond = 0;
  #requests = 0;
  #second = 0;
  #lookedAt = '';
  #flawsLookedAt = 0;
  #last: RampDecision = { kind: 'hold', sentence: 'nobody looked', verdicts: [] };

  constructor(run: RampRun) {
    const { scenario, population, random, step = 0 } = run;
    this.#run = run;
    this.#edges = Array.from({ length: EDGES }, () => new SimulatedEdge(population));
    this.#all = new SimulatedEdge(population, false);
    this.#traffic = new Traffic(scenario, population, EDGES, random);
    this.#rivals = new Rivals({ steps: scenario.plan.steps.length, limitPercent: scenario.plan.gates.failedPercent });
    this.#ramp = { plan: scenario.plan, id: revision(1), step, phase: 'running' };
    this.#weight = scenario.plan.steps[step]!.weight;
    this.#beginEpoch(0);
  }

  get isOver(): boolean {
    return this.#ramp.phase === 'rolled-back';
  }

  get outcome(): RampOutcome {
    return {
      moves: this.#moves,
      last: this.#last,
      requests: this.#requests,
      endedAtSecond: this.#second,
      rivals: this.#rivals.failed,
    };
  }

  pass(second: number): void {
    this.#second = second + 1;
    const weightPercent = weightToPercent(this.#weight);
    const isOnNewSide = (user: number) => this.#edges[0]!.isOnNewSide(user);
    const flawsBefore = this.#flawsMet();
    this.#traffic.during(second, { weightPercent, isOnNewSide }, (served) => this.#serve(served, second));
    const hasFlaws = this.#flawsMet() > flawsBefore;
    if (hasFlaws)
      this.#rivals.look(
        this.#edges.map(({ evidence }) => evidence.units),
        weightPercent,
      );
    if (this.#run.everyLook || this.#mayDecide()) this.#look();
    this.#promoteIfHeld();
  }

  #serve({ user, edge, met }: Served, second: number): void {
    const seenBy = this.#edges[edge]!;
    this.#requests++;
    seenBy.see(user, met, second * 1000);
    this.#all.see(user, met, second * 1000);
    this.#rivals.see(seenBy.isOnNewSide(user) ? 'new' : 'old', (met & FLAW_BITS.failed) !== 0);
    const { misplacedShare = 0, random } = this.#run;
    if (misplacedShare > 0 && random.share() < misplacedShare) seenBy.misplace();
  }

  /**
   * Whether the decision may differ from the last one: there are new flaws, so many that a gate may fail; or the step has baked,
   * so that a pass moves it, and anything was seen; or a period began.
   */
  #mayDecide(): boolean {
    const elapsedMs = (this.#second - this.#epochSecond) * 1000;
    const isBaked = this.#ramp.phase === 'running' && elapsedMs >= this.#ramp.plan.steps[this.#ramp.step]!.bakeMs;
    const period = Math.floor(elapsedMs / PERIOD_MS);
    const flawsMet = this.#flawsMet();
    const hasFlaws = flawsMet !== this.#flawsLookedAt && this.#mayFail();
    this.#flawsLookedAt = flawsMet;
    const state = [this.#epochSecond, period, isBaked, isBaked && this.#requests].join();
    const isNew = state !== this.#lookedAt;
    this.#lookedAt = state;
    return isNew || hasFlaws;
  }

  #mayFail(): boolean {
    const seen = { all: this.#all.evidence, edges: this.#edges.map(({ evidence }) => evidence) };
    return mayFail(seen, this.#ramp.plan, this.#weight);
  }

  #look(): void {
    this.#last = decideRamp({
      ramp: this.#ramp,
      weight: this.#weight,
      epochSinceMs: this.#epochSecond * 1000,
      evidence: mergeEvidence(this.#edges.map(({ evidence }) => evidence)),
      checksContent: true,
      now: this.#second * 1000,
    });
    const { kind } = this.#last;
    if (kind === 'hold') return;
    this.#moves.push({ atSecond: this.#second, kind });
    if (kind === 'advance') this.#advance();
    if (kind === 'complete') this.#ramp = { ...this.#ramp, phase: 'completed' };
    if (kind === 'roll-back') this.#ramp = { ...this.#ramp, phase: 'rolled-back' };
  }

  #promoteIfHeld(): void {
    const { step, phase, plan } = this.#ramp;
    const heldMs = (this.#second - this.#epochSecond) * 1000 - plan.steps[step]!.bakeMs;
    if (!this.#run.isPromoted || phase !== 'running' || heldMs < HOUR_S * 1000) return;
    this.#moves.push({ atSecond: this.#second, kind: 'promoted' });
    if (step + 1 < plan.steps.length) this.#advance();
    else this.#ramp = { ...this.#ramp, phase: 'completed' };
  }

  #advance(): void {
    const step = this.#ramp.step + 1;
    this.#ramp = { ...this.#ramp, step };
    this.#weight = this.#ramp.plan.steps[step]!.weight;
    this.#beginEpoch(this.#second);
  }

  #beginEpoch(second: number): void {
    this.#epochSecond = second;
    this.#rivals.beginEpoch();
    for (const edge of [...this.#edges, this.#all])
      edge.beginEpoch(revision(this.#ramp.step + 1), second * 1000, this.#weight);
  }

  #flawsMet(): number {
    return this.#edges.reduce((sum, { flawsMet }) => sum + flawsMet, 0);
  }
}
