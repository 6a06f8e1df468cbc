import type { ClientOptions } from '../digicert/client.ts'
import type { CheckRequest } from '../operations/check.ts'
import { readApiKey, readConnection } from './connection.ts'
import { choice, duration, flag, missing, text } from './fields.ts'
import { readP12, readPassword } from './p12-input.ts'
import { maskSecretInputs } from './secret-inputs.ts'

export interface CheckInputs {
  request: CheckRequest
  connection: ClientOptions
  warnings: string[]
}

/** @throws ActionError INPUT_*, FILE_READ, P12_ENCODING */
export function readCheckInputs(): CheckInputs {
  const warnings = maskSecretInputs()
  const apiKey = readApiKey()
  const p12 = readP12()
  if (apiKey === undefined && p12 === undefined) throw missing('api-key')
  flag('summary', true) // only to report a misspelled one; `wantsSummary` reads it
  return {
    request: {
      name: text('name'),
      thresholds: { warnWithin: duration('warn-within', '90d'), failWithin: duration('fail-within', '30d') },
      includeDisabled: flag('include-disabled', false),
      ifNoneFound: choice('if-none-found', ['error', 'warn', 'ignore']),
      p12: p12 && { bytes: p12, password: readPassword() },
    },
    connection: readConnection(apiKey),
    warnings,
  }
}
