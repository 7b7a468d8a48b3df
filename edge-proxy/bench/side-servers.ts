import { startSides } from '../test/control/two-sides.ts';

/** Servers behind the edges, in a process of their own that ends with the bench; tells it where they are. */
const { urls } = await startSides();
process.once('disconnect', () => process.exit(0));
process.send?.(urls);
