import type { AuditEntry } from '@fit/edge-proxy/admin-api/schemas';
import { percent } from './format.ts';

type After = AuditEntry['after'];

/** Of a route that nobody changed yet. */
const UNTOUCHED: Omit<After, 'weight'> = { mirror_share: 0, retired: false, ramp: null };

/** Who makes the changes that a ramp leads to. */
const RAMP = 'ramp';

/**
 * What a change changed besides the weight, in words; where the change before is not known, what is there after it.
 *
 * @param older the change of the same route before it, if it is known
 */
export function changesBesideWeight({ after, revision }: AuditEntry, older: AuditEntry | undefined): string[] {
  const before = older?.after ?? (revision === 1 ? UNTOUCHED : undefined);
  return [rampChange(after, before), mirrorChange(after, before), retiredChange(after, before)].filter(
    (change) => change !== undefined,
  );
}

/** The change of the same route before the one at `index`, in a list that has the newest first. */
export function olderOf(entries: readonly AuditEntry[], index: number): AuditEntry | undefined {
  const { route } = entries[index]!;
  return entries.slice(index + 1).find((entry) => entry.route === route);
}

/** Whether the edge made the change itself. */
export function isOfRamp({ actor }: AuditEntry): boolean {
  return actor === RAMP;
}

type Before = Omit<After, 'weight'> | undefined;

function rampChange({ ramp }: After, before: Before): string | undefined {
  if (!ramp) return undefined;
  const now = `${ramp.phase.replace('-', ' ')}, step ${ramp.step}`;
  if (!before) return `ramp: ${now}`;
  if (before.ramp?.phase === ramp.phase && before.ramp.step === ramp.step) return undefined;
  return `ramp: ${before.ramp ? `${before.ramp.phase.replace('-', ' ')}, step ${before.ramp.step}` : 'none'} → ${now}`;
}

function mirrorChange({ mirror_share: share }: After, before: Before): string | undefined {
  if (!before) return share === 0 ? undefined : `mirror: ${percent(share)}`;
  return before.mirror_share === share ? undefined : `mirror: ${percent(before.mirror_share)} → ${percent(share)}`;
}

function retiredChange({ retired }: After, before: Before): string | undefined {
  if (!before) return retired ? 'retired' : undefined;
  if (before.retired === retired) return undefined;
  return retired ? 'retired: no way back' : 'unretired';
}
