import type { ClientOptions } from '../digicert/client.ts'
import type { CheckRequest } from '../operations/check.ts'
import { readApiKey, readConnection } from './connection.ts'
import { choice, duration, flag, missing, text } from './fields.ts'
import { readP12, readPassword } from './p12-input.ts'
import { maskSecretInputs } from './secret-inputs.ts'

export interface CheckInputs {
  request: CheckRequest
  connection: ClientOptions
  /** Whether to write a job summary. */
  summary: boolean
  warnings: string[]
}

/** @throws ActionError INPUT_*, FILE_READ, P12_ENCODING */
export function readCheckInputs(env: NodeJS.ProcessEnv): CheckInputs {
  const warnings = maskSecretInputs(env)
  const apiKey = readApiKey(env)
  const p12 = readP12(env)
  const signingCertificates = flag(env, 'signing-certificates', false)
  if (apiKey === undefined && (p12 === undefined || signingCertificates)) throw missing('api-key')
  return {
    request: {
      name: text(env, 'name'),
      thresholds: {
        warnWithin: duration(env, 'warn-within', '90d'),
        failWithin: duration(env, 'fail-within', '30d'),
      },
      includeDisabled: flag(env, 'include-disabled', false),
      ifNoneFound: choice(env, 'if-none-found', ['error', 'warn', 'ignore']),
      signingCertificates,
      p12: p12 && { bytes: p12, password: readPassword(env) },
    },
    connection: readConnection(env, apiKey),
    summary: flag(env, 'summary', true),
    warnings,
  }
}
