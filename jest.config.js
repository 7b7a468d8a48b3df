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
  testTimeout: 30_000,
};
