// The scenarios of `__tests__/windows/`, their steps on the system of this machine: `npm run test:platform`.
import config from './jest.config.js'

export default {
  ...config,
  testMatch: ['<rootDir>/__tests__/windows/**/*.test.ts'],
  testPathIgnorePatterns: [],
  testTimeout: 180_000,
  maxWorkers: 1,
}
