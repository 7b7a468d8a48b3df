import { PERIOD_MS, UNIT_MS, isJudgedMinute } from '../src/domain/evidence.ts';
import { sideOfHash } from '../src/domain/split.ts';
import type { Weight } from '../src/domain/weight.ts';
import type { RandomStream } from './random-stream.ts';

const MINUTES = PERIOD_MS / UNIT_MS;
/** Who asks next is drawn from a table with a place or more for everybody: 8 · 2^x, x evenly from -3 to 3. */
const MEDIAN_PLACES = 8;
const MEAN_PLACES = 15;

/** People, each with a hash and a habit of his own; some ask many times as often as others. */
export type Population = {
  readonly hashes: Uint32Array;
  /** Of a period, in which each is judged. */
  readonly judgedMinutes: Uint8Array;
  /** Who is often served badly, whichever side serves him. */
  readonly isUnlucky: Uint8Array;
  /** Whoever asks next: a place drawn evenly. */
  readonly places: Uint32Array;
};

export function makePopulation(users: number, unluckyShare: number, random: RandomStream): Population {
  const hashes = Uint32Array.from({ length: users }, () => random.bits());
  const unlucky = Math.round(users * unluckyShare);
  return {
    hashes,
    judgedMinutes: Uint8Array.from(hashes, judgedMinute),
    // Hashes are drawn at random, so that the first are as good as any.
    isUnlucky: Uint8Array.from(hashes, (_hash, user) => (user < unlucky ? 1 : 0)),
    places: makePlaces(users, unlucky, random),
  };
}

/** The same people, of whom only one side's ask. */
export function onlyOnSide(population: Population, side: 'old' | 'new', weight: Weight): Population {
  const { hashes, places } = population;
  return { ...population, places: places.filter((user) => sideOfHash(hashes[user]!, weight) === side) };
}

/**
 * Between 1 and 64 places each, most of them few: the median asks 8 times as often as the laziest. The unlucky ask as often as
 * people do on average, so that as many requests fail as is said, whoever they are.
 */
function makePlaces(users: number, unlucky: number, random: RandomStream): Uint32Array {
  const places: number[] = [];
  for (let user = 0; user < users; user++) {
    const drawn = Math.max(1, Math.round(MEDIAN_PLACES * 2 ** (random.share() * 6 - 3)));
    const share = user < unlucky ? MEAN_PLACES : drawn;
    for (let place = 0; place < share; place++) places.push(user);
  }
  return Uint32Array.from(places);
}

function judgedMinute(hash: number): number {
  for (let minute = 0; minute < MINUTES; minute++) if (isJudgedMinute(hash, minute)) return minute;
  throw new RangeError(`The hash ${hash} has no minute in which it is judged`);
}
