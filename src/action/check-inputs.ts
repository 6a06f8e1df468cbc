import type { ClientOptions } from '../digicert/client.ts'
import type { CheckRequest } from '../operations/check.ts'
import { readApiKey, readConnection } from './connection.ts'
import { duration, flag, missing, text } from './fields.ts'
import { maskP12Inputs, readP12 } from './p12-input.ts'

export interface CheckInputs {
  request: CheckRequest
  connection: ClientOptions
  warnings: string[]
}

/** @throws ActionError INPUT_*, FILE_READ, P12_ENCODING */
export function readCheckInputs(): CheckInputs {
  const { password, warnings } = maskP12Inputs()
  const apiKey = readApiKey()
  const p12 = readP12()
  if (apiKey === undefined && p12 === undefined) throw missing('api-key')
  flag('summary', true) // only to report a misspelled one; `wantsSummary` reads it
  return {
    request: {
      name: text('name'),
      thresholds: { warnWithin: duration('warn-within', '90d'), failWithin: duration('fail-within', '30d') },
      includeDisabled: flag('include-disabled', false),
      p12: p12 && { bytes: p12, password },
    },
    connection: readConnection(apiKey),
    warnings,
  }
}
