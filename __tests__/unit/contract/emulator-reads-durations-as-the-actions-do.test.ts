import { expect, test } from '@jest/globals'
import { readEmulatorInputs } from '../../../emulator/action/inputs.ts'
import { parseDuration } from '../../../src/duration.ts'
import { withEnv } from '../../support/captured.ts'

test.each(['12h1d', '1h1h', '1D', '1d 12h', '1d12h', '90m', '45s', '1x', '12', 'd', '1d-2h'])('%j', given => {
  const seconds = parseDuration(given)
  const read = () => withEnv({ INPUT_LIFETIME: given }, () => readEmulatorInputs().lifetimeSeconds)
  if (seconds !== undefined) expect(read()).toBe(seconds)
  else expect(read).toThrow(expect.objectContaining({ code: 'EMULATOR_INPUT' }))
})
