export const TOPOLOGIES = ['edge', 'direct'] as const;

/** `edge`: everything through the edges. `direct`: Nginx itself splits the users, no edge in the path. */
export type Topology = (typeof TOPOLOGIES)[number];
