export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/__tests__/act/', '<rootDir>/__tests__/windows/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/__tests__/support/strip-types.mjs' },
  globalSetup: '<rootDir>/__tests__/support/make-temporary-folder.mjs',
  globalTeardown: '<rootDir>/__tests__/support/remove-temporary-folder.mjs',
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.d.ts'],
  coverageReporters: ['text-summary', 'lcovonly'],
  testTimeout: 60_000,
  maxWorkers: 2,
}
