/**
 * One request as k6 writes it down and the runner reads it: a line of fields with blanks between, `-` for none, and what
 * was wrong, if anything, as the rest of the line.
 *
 *   1700000000123 841 17 200 coach - 839.2 -
 */
export type Answer = {
  /** When it was asked, epoch milliseconds. */
  askedAt: number;
  /** Until the answer was there, connecting included. */
  elapsedMs: number;
  /** Index of the person who asked. */
  person: number;
  /** 0 where there was no answer. */
  status: number;
  /** `X-Served-By`. */
  side: Side | undefined;
  /** `X-Edge-Fallback`: the old side stood in, and this is why. */
  fallback: string | undefined;
  /** From the first byte sent to the last one received. */
  durationMs: number;
  /** Why the request counts as failed. */
  fault: string | undefined;
};

export const SIDES = ['legacy', 'coach'] as const;
export type Side = (typeof SIDES)[number];

const NONE = '-';
const LINE = /^(\d+) (\d+) (\d+) (\d+) (\S+) (\S+) (\d+(?:\.\d+)?) (.+)$/;
const MAX_WORD = 60;
const MAX_FAULT = 200;

export function formatAnswer(answer: Answer): string {
  const { askedAt, elapsedMs, person, status, side, fallback, durationMs, fault } = answer;
  const what = fault === undefined ? NONE : oneLine(fault).slice(0, MAX_FAULT);
  return [askedAt, elapsedMs, person, status, side ?? NONE, word(fallback), durationMs.toFixed(1), what].join(' ');
}

/** @returns undefined for a line that is none of ours, as a last one that was cut off */
export function parseAnswer(line: string): Answer | undefined {
  const match = LINE.exec(line);
  if (!match) return undefined;
  const [, askedAt, elapsedMs, person, status, side, fallback, durationMs, fault] = match;
  return {
    askedAt: Number(askedAt),
    elapsedMs: Number(elapsedMs),
    person: Number(person),
    status: Number(status),
    side: SIDES.find((each) => each === side),
    fallback: fallback === NONE ? undefined : fallback,
    durationMs: Number(durationMs),
    fault: fault === NONE ? undefined : fault,
  };
}

function word(text: string | undefined): string {
  return text === undefined ? NONE : oneLine(text).replaceAll(' ', '_').slice(0, MAX_WORD) || NONE;
}

function oneLine(text: string): string {
  // k6's engine knows no \p within brackets.
  return text.replace(/\s+/g, ' ').trim();
}
