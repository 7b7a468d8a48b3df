/** A refusal of the admin API: `application/problem+json` (RFC 9457). */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Of a 412, as is the weight. */
  currentRevision: number | undefined;
  currentWeight: number | undefined;
};

/** The edge answered, and refused. */
export class RefusedError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'RefusedError';
    this.problem = problem;
  }
}

/** No answer came, so what was asked may or may not have been done. */
export class NoAnswerError extends Error {
  constructor(cause: unknown) {
    super('The edge did not answer', { cause });
    this.name = 'NoAnswerError';
  }
}

/** The refusal in a body, which a proxy in between may have replaced with anything. */
export function problemFrom(status: number, body: unknown): Problem {
  const members = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string, fallback: string) => {
    const value = members[name];
    return typeof value === 'string' ? value : fallback;
  };
  const numberOf = (name: string) => (typeof members[name] === 'number' ? members[name] : undefined);
  return {
    type: text('type', 'unknown'),
    title: text('title', `The answer was ${status}`),
    status,
    detail: text('detail', ''),
    currentRevision: numberOf('current_revision'),
    currentWeight: numberOf('current_weight'),
  };
}

/** What went wrong, as a person is told it. */
export function explain(error: unknown): string {
  if (error instanceof RefusedError) {
    const { title, detail } = error.problem;
    return detail === '' ? title : `${title}: ${detail}`;
  }
  return error instanceof Error ? error.message : String(error);
}
