/** What ends a load test before it has a result. One line for people, and the exit code that goes with it. */
export class LoadTestError extends Error {
  readonly code: keyof typeof EXIT_CODES;
  readonly exitCode: number;

  constructor(code: LoadTestError['code'], message: string, options?: ErrorOptions & { exitCode?: number }) {
    super(message, options);
    this.name = 'LoadTestError';
    this.code = code;
    this.exitCode = options?.exitCode ?? EXIT_CODES[code];
  }
}

const EXIT_CODES = {
  usage: 2,
  'not-possible': 2,
  /** The monolith does not know somebody, or not this password. */
  'wrong-login': 2,
  'k6-failed': 1,
  /** Somebody else changed the weight meanwhile. */
  'taken-over': 1,
  'not-restored': 1,
  'page-not-written': 1,
  /** Which signal it was is in the options. */
  interrupted: 130,
} as const;

export function usageError(message: string): LoadTestError {
  return new LoadTestError('usage', `${message}; see npm run load -- --help`);
}
