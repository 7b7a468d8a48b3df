export const EXIT = {
  done: 0,
  usage: 2,
  refused: 3,
  conflict: 4,
  unreachable: 5,
  unmet: 6,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `
Exit codes:
  0  done
  2  wrong usage, no token, no confirmation, or problems in the file that was checked
  3  refused by the server, or by nginx
  4  conflict: somebody else changed the route first
  5  the admin API cannot be reached, or not every edge serves a change that was waited for
  6  the conditions under which the old code may go are not all met
`;

/** A command that ends without having done its work. */
export class CommandError extends Error {
  readonly code: ExitCode;
  /** Of the server's answer, if there was one. */
  readonly status: number | undefined;

  constructor(code: ExitCode, message: string, { status, ...options }: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.name = 'CommandError';
    this.code = code;
    this.status = status;
  }
}
