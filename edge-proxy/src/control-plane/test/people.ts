import { MOST_FLAWED, isJudgedMinute } from '../../domain/evidence.ts';
import type { Evidence, Flaw } from '../../domain/evidence.ts';
import { sideOfHash } from '../../domain/split.ts';
import type { Side } from '../../domain/split.ts';
import { revision } from '../../domain/weight.ts';
import type { Weight } from '../../domain/weight.ts';

export type People = {
  epoch: number;
  weight: Weight;
  /** How many were seen, on both sides together; default 400. */
  seen?: number;
  /** What all people of one side met. */
  met?: Partial<Record<Side, Flaw>>;
  misplaced?: number;
};

/** What an edge saw of people that are spread evenly over all hashes, in the first minute of an epoch. */
export function evidenceOf({ epoch, weight, seen = 400, met = {}, misplaced = 0 }: People): Evidence {
  const users = Array.from({ length: seen }, (_, at) => Math.floor(((at + 0.5) / seen) * 0xffffffff));
  const isOn = (side: Side) => (hash: number) => sideOfHash(hash, weight) === side;
  const fresh = users.filter(isOn('new'));
  const judged = fresh.filter((hash) => isJudgedMinute(hash, 0));
  const flawed = (flaw: Flaw, among: readonly number[]) =>
    among.filter((hash) => met[sideOfHash(hash, weight)] === flaw);
  const ofFlaws = <Each>(each: (flaw: Flaw) => Each) => ({
    failed: each('failed'),
    slow: each('slow'),
    rejected: each('rejected'),
    invalid: each('invalid'),
  });
  const units = (side: Side) => {
    const people = users.filter(isOn(side));
    return { units: people.length, checked: people.length, ...ofFlaws((flaw) => flawed(flaw, people).length) };
  };
  return {
    epoch: revision(epoch),
    requests: { old: users.length - fresh.length, new: fresh.length },
    units: { old: units('old'), new: units('new') },
    misplaced,
    unverified: { old: 0, new: 0 },
    periods: [
      {
        period: 1,
        users,
        flawed: ofFlaws((flaw) => flawed(flaw, users).slice(0, MOST_FLAWED)),
        judged: { users: judged, checked: judged, ...ofFlaws((flaw) => flawed(flaw, judged)) },
      },
    ],
    custom: {},
  };
}
