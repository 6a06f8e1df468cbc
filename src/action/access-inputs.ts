import type { ClientOptions } from '../digicert/client.ts'
import { ActionError } from '../errors.ts'
import type { AccessRequest, Selector } from '../operations/access.ts'
import { normalizeSerial } from '../x509/certificate.ts'
import { readApiKey, readConnection } from './connection.ts'
import { flag, invalid, missing, text } from './fields.ts'
import { readP12, readPassword } from './p12-input.ts'
import { maskSecretInputs } from './secret-inputs.ts'

export interface AccessInputs {
  request: AccessRequest
  connection: ClientOptions
  /** Whether to write a job summary. */
  summary: boolean
  warnings: string[]
}

/** @throws ActionError INPUT_*, FILE_READ, P12_ENCODING */
export function readAccessInputs(env: NodeJS.ProcessEnv): AccessInputs {
  const warnings = maskSecretInputs(env)
  const apiKey = readApiKey(env)
  if (apiKey === undefined) throw missing('api-key')
  if (text(env, 'enabled') === '') throw whichWay()
  return {
    request: { enabled: flag(env, 'enabled', true), selector: readSelector(env) },
    connection: readConnection(env, apiKey),
    summary: flag(env, 'summary', true),
    warnings,
  }
}

function whichWay(): ActionError {
  return new ActionError('INPUT_MISSING', {
    what: "The input 'enabled' is empty.",
    why: 'It has no default, so that nothing is disabled or enabled by an oversight.',
    fix: 'Write `enabled: false` to disable the certificate, `enabled: true` to enable it.',
  })
}

function readSelector(env: NodeJS.ProcessEnv): Selector {
  const named = (['certificate-id', 'serial-number', 'name'] as const).flatMap(by =>
    text(env, by) === '' ? [] : [{ by, value: text(env, by) }],
  )
  const serial = text(env, 'serial-number')
  if (serial !== '' && !/^[0-9A-F]+$/.test(normalizeSerial(serial))) {
    throw invalid(
      'serial-number',
      'is no hexadecimal number',
      'Write it like 6403F2A8B1234567890ABCDE; colons are fine.',
    )
  }
  const bytes = readP12(env)
  const selectors: Selector[] =
    bytes === undefined ? named : [...named, { by: 'p12', bytes, password: readPassword(env) }]
  const [selector] = selectors
  if (selector !== undefined && selectors.length === 1) return selector
  throw new ActionError(selector === undefined ? 'INPUT_MISSING' : 'INPUT_CONFLICT', {
    what: `${selector === undefined ? 'None' : 'More than one'} of 'certificate-id', 'serial-number', 'name' and 'p12' is set.`,
    why: 'Exactly one of them says which certificate is meant. An empty one may be a secret that this run does not get.',
    fix: 'Set exactly one of them.',
  })
}
