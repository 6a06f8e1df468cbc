import type { ClientOptions } from '../digicert/client.ts'
import type { ActionError } from '../errors.ts'
import type { CleanupRequest } from '../operations/cleanup.ts'
import type { DeliveryRequest } from '../operations/deliver.ts'
import { makesUnusable } from '../operations/fallback.ts'
import type { IssueRequest } from '../operations/issue.ts'
import { runPrefix } from '../operations/nickname.ts'
import { describeStray } from '../operations/password.ts'
import type { StoredRequest } from '../operations/stored.ts'
import { withoutTrailing } from '../x509/trailing.ts'
import { readCertificate } from './certificate-input.ts'
import { readApiKey, readConnection } from './connection.ts'
import { choice, conflict, duration, flag, list, missing, text } from './fields.ts'
import { readP12, readPassword } from './p12-input.ts'
import { runTag } from './runner.ts'
import { maskSecretInputs } from './secret-inputs.ts'
import { readSigning } from './signing-inputs.ts'
import { readSmctl, type SmctlInputs } from './smctl-inputs.ts'

/** What the root action was asked to do, where, and how the result is handed over. */
export interface RootInputs {
  request: IssueRequest | StoredRequest
  /** What to issue if the stored P12 turns out to be unusable; undefined for nothing. */
  fallback: IssueRequest | undefined
  /** Why the stored P12 could not even be read: then `request` is to issue one in its place. */
  unusable: ActionError | undefined
  connection: ClientOptions
  exportEnv: boolean
  /** Undefined when smctl is not to be installed. */
  smctl: SmctlInputs | undefined
  atJobEnd: CleanupRequest
  /** Whether to write a job summary. */
  summary: boolean
  /** Things to warn about that are not errors. */
  warnings: string[]
}

/**
 * Reads the root action's inputs. Secrets are masked before anything is read, so that no error can show one.
 * @throws ActionError INPUT_*, FILE_READ, P12_ENCODING
 */
export function readRootInputs(env: NodeJS.ProcessEnv): RootInputs {
  const warnings = maskSecretInputs(env)
  const password = readPassword(env)
  const apiKey = readApiKey(env)
  const wanted =
    choice(env, 'mode', ['issue', 'stored']) === 'issue'
      ? { ...NO_FALLBACK, request: readIssue(env, password, apiKey, warnings) }
      : readStored(env, password, apiKey)
  return {
    ...wanted,
    connection: readConnection(env, apiKey),
    summary: flag(env, 'summary', true),
    exportEnv: flag(env, 'export-env', true),
    smctl: readSmctl(env),
    atJobEnd: { cleanup: flag(env, 'cleanup', true), disableAfterJob: flag(env, 'disable-after-job', true) },
    warnings,
  }
}

type Wanted = Pick<RootInputs, 'request' | 'fallback' | 'unusable'>

const NO_FALLBACK = { fallback: undefined, unusable: undefined }

function readIssue(
  env: NodeJS.ProcessEnv,
  password: string,
  apiKey: string | undefined,
  warnings: string[],
): IssueRequest {
  for (const input of ['p12', 'p12-file']) {
    if (text(env, input) !== '') {
      throw conflict(
        `The input '${input}' is set, but 'mode' is issue, which makes a new certificate.`,
        'The line `mode: stored` is missing.',
        `Add \`mode: stored\` to use that P12, or remove '${input}' to issue a new certificate.`,
      )
    }
  }
  if (wantsFallback(env)) {
    throw conflict(
      "The input 'fallback' is issue, but 'mode' is issue as well, which uses no stored P12.",
      'The line `mode: stored` is missing.',
      "Add `mode: stored` to use a stored P12 while that works, or remove 'fallback' to issue a new certificate each time.",
    )
  }
  if (apiKey === undefined) throw missing('api-key')
  const trimmed = withoutTrailing(password, '\r\n')
  if (trimmed !== password) warnings.push(describeStray(password, trimmed))
  return newCertificate(env, trimmed, readCommon(env, apiKey))
}

function newCertificate(env: NodeJS.ProcessEnv, password: string, common: DeliveryRequest): IssueRequest {
  return {
    mode: 'issue',
    ...common,
    namePrefix: readNamePrefix(env),
    ...readCertificate(env, '1d'),
    password: password === '' ? undefined : password,
  }
}

function wantsFallback(env: NodeJS.ProcessEnv): boolean {
  return choice(env, 'fallback', ['none', 'issue']) === 'issue'
}

function readStored(env: NodeJS.ProcessEnv, password: string, apiKey: string | undefined): Wanted {
  const withFallback = wantsFallback(env)
  if (withFallback && apiKey === undefined) throw missing('api-key', ", and 'fallback: issue' needs it")
  const common = readCommon(env, apiKey)
  if (common.requirePermissions.length > 0 && !common.verify && apiKey === undefined) {
    throw conflict(
      "'require-permissions' is set, but 'verify' is false and there is no 'api-key'.",
      'Without the mTLS check and without the API, nothing can tell what the user may do.',
      "Leave 'verify' on, or set 'api-key'.",
    )
  }
  const fallback = withFallback ? newCertificate(env, withoutTrailing(password, '\r\n'), common) : undefined
  const read = readP12OrSubstitute(env, fallback)
  const limits = {
    warnWithinSeconds: duration(env, 'warn-within', '90d'),
    failWithinSeconds: duration(env, 'fail-within', '0d'),
  }
  if ('unusable' in read) return { ...read, fallback: undefined }
  return {
    request: { mode: 'stored', ...common, ...read, password, ...limits },
    fallback,
    unusable: undefined,
  }
}

/** The stored P12; or why there is none to open, and what is issued in its place. */
function readP12OrSubstitute(
  env: NodeJS.ProcessEnv,
  fallback: IssueRequest | undefined,
): { p12: Buffer } | { unusable: ActionError; request: IssueRequest } {
  try {
    const p12 = readP12(env)
    if (p12 === undefined) throw missing('p12')
    return { p12 }
  } catch (error) {
    if (fallback === undefined || !makesUnusable(error, 'reading')) throw error
    return { unusable: error, request: fallback }
  }
}

function readCommon(env: NodeJS.ProcessEnv, apiKey: string | undefined): DeliveryRequest {
  const verify = flag(env, 'verify', true)
  return {
    encryption: choice(env, 'p12-encryption', ['auto', 'modern', 'legacy']),
    writeKey: flag(env, 'write-key', false),
    verify,
    requirePermissions: list(env, 'require-permissions'),
    signing: readSigning(env, apiKey, verify),
  }
}

function readNamePrefix(env: NodeJS.ProcessEnv): string {
  const { GITHUB_REPOSITORY = 'github-actions' } = env
  return runPrefix(text(env, 'name') || GITHUB_REPOSITORY, runTag(env))
}
