import { Canary } from './canary.ts';
import type { CanaryReport } from './canary.ts';
import { CaseBook } from './case-book.ts';
import { startEdgeProcess } from './edge-process.ts';
import type { EdgeProcess } from './edge-process.ts';
import type { Finding } from './finding.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { playClient } from './fuzz-client.ts';
import type { ClientView } from './fuzz-client.ts';
import { startHostileUpstream } from './hostile-upstream.ts';
import type { HostileUpstream } from './hostile-upstream.ts';
import { judgeAnswers } from './judge-answers.ts';
import type { Call } from './judge-answers.ts';
import { ROUTE_PATH } from './request-grammar.ts';
import { Leaks } from './leaks.ts';
import type { ResourceReport } from './leaks.ts';

export type FuzzOptions = {
  seed: number;
  /** Numbers of the cases: from 0 on, or these alone. */
  cases: number | readonly number[];
  /** No new case after so long. */
  seconds: number;
  concurrency: number;
  progress?: (line: string) => void;
  /** Hears of each case as it ends. */
  ended?: (fuzzCase: FuzzCase, view: ClientView) => void;
  /** Hears of each call that the edge made on behalf of a case, once that has ended. */
  called?: (call: Call) => void;
};

export type FuzzReport = {
  cases: number;
  seconds: number;
  findings: readonly Finding[];
  /** How often clients got what, by kind of case. */
  outcomes: ReadonlyMap<string, number>;
  arrivals: number;
  canaries: CanaryReport;
  resources: ResourceReport;
  edgeErrors: readonly string[];
};

const CANARIES = 4;
const PROGRESS_MS = 5000;
/** Short, so that what waits for one does not hold up the run. */
const TIME_OUTS = {
  HEADER_TIMEOUT_MS: '1000',
  BODY_IDLE_TIMEOUT_MS: '1000',
  REQUEST_TIMEOUT_MS: '5000',
  KEEP_ALIVE_TIMEOUT_MS: '5000',
};
/** Faults are what is wanted here, so no breaker may keep them away from the edge's parsers. */
const NO_BREAKER = { failures: 1000, percent: 100, minimumCalls: 10_000 };
const UPSTREAM = { firstByteTimeoutMs: 1000, bodyIdleTimeoutMs: 1000, maxInFlight: 512, breaker: NO_BREAKER };
const MOST_FINDINGS = 1000;

/** Sends mutated requests through a real edge, and mutated answers back, and reports all that must not happen. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const findings: Finding[] = [];
  const found = (finding: Finding) => void (findings.length < MOST_FINDINGS && findings.push(finding));
  const book = new CaseBook(options.seed, found);
  const upstreams = [await startHostileUpstream('old', book), await startHostileUpstream('new', book)];
  const edge = await startEdgeProcess(routeFile(upstreams), TIME_OUTS);
  const run = new FuzzRun({ options, book, edge, upstreams, found });
  try {
    return { ...(await run.all()), findings, edgeErrors: edge.errors, arrivals: book.arrivals };
  } finally {
    await edge.stop();
    await Promise.all(upstreams.map((upstream) => upstream.close()));
  }
}

function routeFile([old, young]: readonly HostileUpstream[]): object {
  return {
    upstreams: { old: { url: old!.url, ...UPSTREAM }, new: { url: young!.url, ...UPSTREAM } },
    defaultUpstream: 'old',
    // Without a token the client's address decides, so that half of the cases meet each side.
    routes: [{ name: 'fuzz', path: ROUTE_PATH, old: 'old', new: 'new', initialWeight: 50, deadlineMs: 3000 }],
  };
}

type Parts = {
  options: FuzzOptions;
  book: CaseBook;
  edge: EdgeProcess;
  upstreams: readonly HostileUpstream[];
  found: (finding: Finding) => void;
};

class FuzzRun {
  readonly #parts: Parts;
  readonly #canaries: readonly Canary[];
  readonly #outcomes = new Map<string, number>();
  /** The cases that began last: those that an end of the edge may be the work of. */
  readonly #latest: number[] = [];
  readonly #startedAt = performance.now();
  #done = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { edge, found } = parts;
    this.#canaries = Array.from({ length: CANARIES }, (_each, number) => new Canary(number, edge.port, found));
  }

  async all() {
    const { options, edge, found, upstreams } = this.#parts;
    const numbers =
      typeof options.cases === 'number' ? Array.from({ length: options.cases }, (_each, at) => at) : options.cases;
    void edge.exited.then((how) => {
      if (this.#done >= 0)
        found({
          kind: 'crash',
          why: `the edge ${how}, in or after one of the cases ${this.#latest.join(',')}`,
          bytes: edge.lastWords(),
        });
    });
    const leaks = new Leaks(edge, upstreams);
    const warmUp = Math.ceil(numbers.length / 20);
    const ticker = setInterval(() => options.progress?.(this.#progress(numbers.length)), PROGRESS_MS);
    await this.#some(numbers.slice(0, warmUp));
    if (edge.isAlive()) await leaks.takeBaseline();
    await this.#some(numbers.slice(warmUp));
    clearInterval(ticker);
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const resources = edge.isAlive() ? await leaks.compare(found) : leaks.nothing;
    const cases = this.#done;
    await this.#stopEdge();
    return { cases, seconds, outcomes: this.#outcomes, canaries: this.#canaryReport(), resources };
  }

  async #some(numbers: readonly number[]): Promise<void> {
    const { options, edge } = this.#parts;
    const left = numbers.values();
    const isOver = () => !edge.isAlive() || performance.now() - this.#startedAt > options.seconds * 1000;
    const worker = async () => {
      for (const number of left) {
        if (isOver()) return;
        await this.#one(number);
      }
    };
    for (const canary of this.#canaries) canary.start();
    await Promise.all(Array.from({ length: options.concurrency }, worker));
    await Promise.all(this.#canaries.map((canary) => canary.stop()));
  }

  async #one(number: number): Promise<void> {
    const { book, edge, found, options } = this.#parts;
    this.#latest.push(number);
    if (this.#latest.length > 2 * options.concurrency) this.#latest.shift();
    const { fuzzCase, calls } = book.begin(number);
    const view = await playClient(fuzzCase, edge.port);
    book.end(number);
    this.#done++;
    options.ended?.(fuzzCase, view);
    if (options.called) calls.forEach(options.called);
    if (!edge.isAlive()) return;
    const { findings, outcomes } = judgeAnswers(fuzzCase, view, calls);
    for (const finding of findings) found(finding);
    for (const outcome of new Set(outcomes)) this.#count(`${fuzzCase.kind}: ${outcome}`);
  }

  #count(outcome: string): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }

  /** An edge that has lost count of its connections does not end. */
  async #stopEdge(): Promise<void> {
    const { edge, found } = this.#parts;
    if (!edge.isAlive()) return;
    this.#done = -1;
    const how = await edge.stop();
    if (how !== 'exit code 0') found({ kind: 'crash', why: `told to stop, the edge ${how}`, bytes: edge.lastWords() });
  }

  #progress(all: number): string {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const { asked, answered } = this.#canaryReport();
    return `${this.#done}/${all} cases, ${Math.round(this.#done / seconds)}/s, canaries ${answered}/${asked}`;
  }

  #canaryReport(): CanaryReport {
    const sum: CanaryReport = { asked: 0, answered: 0, refused: 0, closed: 0 };
    for (const { report } of this.#canaries) {
      for (const each of ['asked', 'answered', 'refused', 'closed'] as const) sum[each] += report[each];
    }
    return sum;
  }
}
