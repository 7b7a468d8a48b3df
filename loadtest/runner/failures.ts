/** What ends a load test before it has a result. One line for people, and the exit code that goes with it. */
export class LoadTestError extends Error {
  readonly code: 'usage' | 'not-possible' | 'k6-failed' | 'interrupted';
  readonly exitCode: number;

  constructor(code: LoadTestError['code'], message: string, options?: ErrorOptions & { exitCode?: number }) {
    super(message, options);
    this.name = 'LoadTestError';
    this.code = code;
    this.exitCode = options?.exitCode ?? (code === 'k6-failed' ? 1 : 2);
  }
}

export function usageError(message: string): LoadTestError {
  return new LoadTestError('usage', `${message}; see npm run load -- --help`);
}
