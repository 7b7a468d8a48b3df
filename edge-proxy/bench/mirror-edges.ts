import { startMirroredEdge } from '../test/mirror/mirrored-edge.ts';
import { MIRROR_TARGETS } from './mirror-targets.ts';
import type { MirrorServers } from './mirror-targets.ts';

/** An edge for each target, all in one process, each with every request copied but `off`; tells where they are. */
const { old, targets } = JSON.parse(process.argv[2] ?? '') as MirrorServers;
const edges = new Map(
  await Promise.all(
    MIRROR_TARGETS.map(async (name) => {
      const edge = await startMirroredEdge({ old, new: targets[name] });
      edge.set(0, name === 'off' ? 0 : 100);
      return [name, edge] as const;
    }),
  ),
);
process.once('disconnect', () => process.exit(0));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const reports = Object.fromEntries([...edges].map(([name, edge]) => [name, edge.report()]));
  process.send?.({ cpuMs: (user + system) / 1000, reports });
});
process.send?.(Object.fromEntries([...edges].map(([name, { url }]) => [name, url])));
