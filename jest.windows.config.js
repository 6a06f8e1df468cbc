// The scenarios of `__tests__/windows/`, their steps on Windows' own Node under Wine: `npm run test:windows`.
import config from './jest.platform.config.js'

export default {
  ...config,
  globalSetup: '<rootDir>/__tests__/windows/support/start-wine.mjs',
  globalTeardown: '<rootDir>/__tests__/windows/support/stop-wine.mjs',
}
