// The tests that need nektos/act and signing tools, which `npm test` does without: `npm run test:act`.
import config from './jest.config.js'

export default {
  ...config,
  testMatch: ['<rootDir>/__tests__/act/**/*.test.ts'],
  testPathIgnorePatterns: [],
  testTimeout: 600_000,
  maxWorkers: 1,
}
