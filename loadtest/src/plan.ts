import type { ScenarioName } from './scenarios.ts';

/** What the runner asks of one run of k6; a file of JSON, whose path k6 gets in `PLAN`. */
export type Plan = {
  scenario: ScenarioName;
  /** The workout of the day. */
  url: string;
  /** True for Nginx's self-signed development certificate alone. */
  skipsTlsVerification: boolean;
  seconds: number;
  /** Requests a second, where the scenario has a rate. */
  rate: number;
  /** File with one bearer token a line. */
  tokensFile: string;
  /** The first so many of them ask. */
  people: number;
  /** Where k6 writes what became of its thresholds. */
  summaryFile: string;
};
