import type { ClientOptions } from '../digicert/client.ts'
import { ActionError } from '../errors.ts'
import type { AccessRequest } from '../operations/access.ts'
import type { Selector } from '../operations/selected.ts'
import { normalizeSerial } from '../x509/certificate.ts'
import { readApiKey, readConnection } from './connection.ts'
import { flag, invalid, missing, text } from './fields.ts'
import { readP12, readPassword } from './p12-input.ts'
import { maskSecretInputs } from './secret-inputs.ts'
import { readSweep, type SweepInputs } from './sweep-inputs.ts'

/** One certificate, or as many as there are. */
export type AccessWork = { kind: 'one'; request: AccessRequest; dryRun: boolean } | SweepInputs

export interface AccessInputs {
  work: AccessWork
  connection: ClientOptions
  /** Whether to write a job summary. */
  summary: boolean
  warnings: string[]
}

/** @throws ActionError INPUT_*, FILE_READ, P12_ENCODING, RUNNER_ENVIRONMENT */
export function readAccessInputs(env: NodeJS.ProcessEnv): AccessInputs {
  const warnings = maskSecretInputs(env, 'github-token')
  const apiKey = readApiKey(env)
  if (apiKey === undefined) throw missing('api-key')
  if (text(env, 'enabled') === '') throw whichWay()
  const enabled = flag(env, 'enabled', true)
  const connection = readConnection(env, apiKey)
  const dryRun = flag(env, 'dry-run', false)
  const work = readSweep(env, { enabled, dryRun, connection }) ?? {
    kind: 'one',
    request: { enabled, ...readNames(env) },
    dryRun,
  }
  return { work, connection, summary: flag(env, 'summary', true), warnings }
}

function whichWay(): ActionError {
  return new ActionError('INPUT_MISSING', {
    what: "The input 'enabled' is empty.",
    why: 'The line `enabled:` is missing, or its expression is empty. There is no default, so that nothing is changed by accident.',
    fix: 'Write `enabled: false` to disable the certificate, or `enabled: true` to enable it.',
  })
}

/** A P12 may stand alone or accompany one of the others: then it has to be that certificate. */
function readNames(env: NodeJS.ProcessEnv): Pick<AccessRequest, 'selector' | 'p12'> {
  const selectors: Selector[] = (['certificate-id', 'serial-number', 'name'] as const).flatMap(by =>
    text(env, by) === '' ? [] : [{ by, value: text(env, by) }],
  )
  const serial = text(env, 'serial-number')
  if (serial !== '' && !/^[0-9A-F]+$/.test(normalizeSerial(serial))) {
    throw invalid(
      'serial-number',
      'is not a hexadecimal number',
      'Write it like 6403F2A8B1234567890ABCDE; colons are fine.',
    )
  }
  const bytes = readP12(env)
  const p12 = bytes && { bytes, password: readPassword(env) }
  const [selector] = selectors
  if (selectors.length <= 1 && (selector ?? p12) !== undefined) return { selector, p12 }
  throw new ActionError(selector === undefined ? 'INPUT_MISSING' : 'INPUT_CONFLICT', {
    what:
      selector === undefined
        ? "None of 'certificate-id', 'serial-number', 'name' and 'p12' is set."
        : "More than one of 'certificate-id', 'serial-number' and 'name' is set.",
    why: 'The inputs do not say which certificate is meant: one is missing or one too many is set, or an empty one is a secret that this run does not get.',
    fix: 'Set exactly one of them. A P12 may accompany it, and must then contain that certificate. `all: true` selects every certificate, or those that `name` matches.',
  })
}
