/** What the bench has copies sent to: `off` has none. */
export const MIRROR_TARGETS = ['off', 'sound', 'refused', 'reset', 'slow', 'huge'] as const;
export type MirrorTarget = (typeof MIRROR_TARGETS)[number];

/** URLs. */
export type MirrorServers = { readonly old: string; readonly targets: Readonly<Record<MirrorTarget, string>> };
