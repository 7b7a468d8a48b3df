/**
 * Loaded into an edge before its own code: whoever started it may ask what it holds on to. The size of the process and of its
 * heap only show how much garbage there was at the worst moment.
 */
process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.(heapUsed + external);
});
