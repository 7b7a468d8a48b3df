export type TypedWeight = { ok: true; weight: number } | { ok: false; problem: string };

const STEP = 0.01;

/** A weight in percent as people type it: `12.5`, `12,5`, `12.5 %`. */
export function readWeight(typed: string): TypedWeight {
  const text = typed.trim().replace(/\s*%$/, '').replace(',', '.');
  if (text === '') return { ok: false, problem: 'Type a weight from 0 to 100.' };
  if (!/^[+-]?\d*\.?\d*$/.test(text) || !/\d/.test(text)) {
    return { ok: false, problem: 'The weight must be a number from 0 to 100, such as 12.5.' };
  }
  const weight = Number(text);
  if (weight < 0 || weight > 100) return { ok: false, problem: 'The weight must be from 0 to 100.' };
  if (!/^\+?\d*(\.\d{0,2}0*)?$/.test(text)) return { ok: false, problem: 'The weight goes in steps of 0.01.' };
  return { ok: true, weight };
}

/** The weight some steps of 0.01 further, within 0 and 100. */
export function stepWeight(weight: number, steps: number): number {
  const hundredths = Math.round(weight / STEP) + steps;
  return Math.min(10_000, Math.max(0, hundredths)) / 100;
}
