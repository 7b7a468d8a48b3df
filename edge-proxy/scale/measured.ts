import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Figures of one run of a bench, by name. */
export type Found = Readonly<Record<string, number>>;

/** One figure, and all that somebody needs who doubts it. */
export type Figure = {
  value: number;
  unit: string;
  what: string;
  /** The command or the page that it is from. */
  how: string;
  machine: string;
  /** ISO 8601. */
  date: string;
};

export type Measured = Readonly<Record<string, Figure>>;

export const MEASURED_FILE = join(import.meta.dirname, 'measured.json');

export function readMeasured(file = MEASURED_FILE): Measured {
  return JSON.parse(readFileSync(file, 'utf8')) as Measured;
}

/** @throws Error naming the figure if nobody has measured it */
export function valueOf(measured: Measured, name: string): number {
  const figure = measured[name];
  if (!figure) throw new Error(`measured.json has no figure ${JSON.stringify(name)}`);
  return figure.value;
}

/**
 * The figures with what was found anew; three digits of a number are all that a shared machine can tell.
 *
 * @throws Error naming a figure that nobody has described
 */
export function updated(measured: Measured, found: Found, origin: Pick<Figure, 'machine' | 'date'>): Measured {
  const next = { ...measured };
  for (const [name, value] of Object.entries(found)) {
    const known = measured[name];
    if (!known)
      throw new Error(`measured.json does not describe ${JSON.stringify(name)}: give it a unit, what and how`);
    if (!Number.isFinite(value)) throw new RangeError(`${name}: must be a number, received ${value}`);
    next[name] = { ...known, value: Number(value.toPrecision(3)), ...origin };
  }
  return next;
}

export function writeMeasured(measured: Measured, file = MEASURED_FILE): void {
  writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
}
