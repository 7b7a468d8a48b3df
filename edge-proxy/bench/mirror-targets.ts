import type { ParityReport } from '../src/domain/parity.ts';

/** What the bench has copies sent to: `off` has none. */
export const MIRROR_TARGETS = ['off', 'sound', 'refused', 'reset', 'slow', 'huge'] as const;
export type MirrorTarget = (typeof MIRROR_TARGETS)[number];

/** URLs. */
export type MirrorServers = { readonly old: string; readonly targets: Readonly<Record<MirrorTarget, string>> };

/** What the process of the edges says when it is asked: processor time so far, and what was compared. */
export type MirrorFindings = { readonly cpuMs: number; readonly reports: Readonly<Record<MirrorTarget, ParityReport>> };
