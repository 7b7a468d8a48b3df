/** As V8's profiler gives it (Chrome DevTools Protocol, `Profiler.Profile`): a tree of calls, and samples of it in time. */
export type CpuProfile = {
  nodes: readonly { id: number; callFrame: { functionName: string; url: string }; children?: readonly number[] }[];
  startTime: number;
  samples: readonly number[];
  /** Microseconds between the samples. */
  timeDeltas: readonly number[];
};

/** What counts as a feature: ends of file names, under the feature's name. */
export type FeatureFiles = Readonly<Record<string, readonly string[]>>;

export type FeatureCost = {
  /** Of busy time, in percent: all features, each of them, each file. */
  totalPercent: number;
  byFeature: Record<string, number>;
  byFile: Record<string, number>;
  garbageCollectionPercent: number;
  /** Share of the window in which it was busy. */
  busyPercent: number;
};

/**
 * Self time of the features' functions and of all that they call, except what belongs to other files of our own: a
 * budget that calls the forwarder does not make forwarding a feature. Busy is everything but idle.
 *
 * 1. Samples after `fromMicros` of the profile give each node its time.
 * 2. Walking down from the root, a node in a feature's file switches to that file, one in another file of ours to none,
 *    and all others (node, packages, built-ins) stay with their caller.
 */
export function featureCost(
  profile: CpuProfile,
  { features, ownFiles, fromMicros }: { features: FeatureFiles; ownFiles: RegExp; fromMicros: number },
): FeatureCost {
  const micros = timeByNode(profile, fromMicros);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const byFeature: Record<string, number> = {};
  const byFile: Record<string, number> = {};
  const whole = { busy: 0, idle: 0, garbage: 0, features: 0 };
  const visit = (id: number, inherited: string | undefined): void => {
    const node = nodes.get(id);
    if (!node) return;
    const { functionName, url } = node.callFrame;
    const self = micros.get(id) ?? 0;
    const file = ownFiles.test(url) ? featureFile(url, features) : inherited;
    if (functionName === '(idle)') whole.idle += self;
    else whole.busy += self;
    if (functionName === '(garbage collector)') whole.garbage += self;
    if (file !== undefined) {
      whole.features += self;
      byFile[file] = (byFile[file] ?? 0) + self;
      for (const [feature, files] of Object.entries(features))
        if (files.includes(file)) byFeature[feature] = (byFeature[feature] ?? 0) + self;
    }
    for (const child of node.children ?? []) visit(child, file);
  };
  const [root] = profile.nodes;
  if (root) visit(root.id, undefined);
  const percent = (part: number) => (part / (whole.busy || 1)) * 100;
  const percents = (parts: Record<string, number>) =>
    Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, percent(part)]));
  return {
    totalPercent: percent(whole.features),
    byFeature: percents(byFeature),
    byFile: percents(byFile),
    garbageCollectionPercent: percent(whole.garbage),
    busyPercent: (whole.busy / (whole.busy + whole.idle || 1)) * 100,
  };
}

function featureFile(url: string, features: FeatureFiles): string | undefined {
  return Object.values(features)
    .flat()
    .find((file) => (file.endsWith('/') ? url.includes(`/${file}`) : url.endsWith(`/${file}`)));
}

/** The time from a sample to the next belongs to the sample. */
function timeByNode({ samples, timeDeltas }: CpuProfile, fromMicros: number): Map<number, number> {
  const micros = new Map<number, number>();
  let at = 0;
  for (const [index, id] of samples.entries()) {
    at += timeDeltas[index] ?? 0;
    if (at >= fromMicros) micros.set(id, (micros.get(id) ?? 0) + (timeDeltas[index + 1] ?? 0));
  }
  return micros;
}
