/** Jest runs the TypeScript sources as Node 24 does: no transform, native modules. */
export default {
  testEnvironment: 'node',
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.data/'],
  modulePathIgnorePatterns: ['/.data/'],
  reporters: ['default', '<rootDir>/scripts/closing-line-reporter.js'],
  maxWorkers: 2,
  // Of `test.concurrent`: they wait rather than compute, and leave a busy machine the time to answer each.
  maxConcurrency: 2,
  testSequencer: '<rootDir>/scripts/heavy-first-sequencer.js',
  testTimeout: 30_000,
};
