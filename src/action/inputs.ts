import type { ClientOptions } from '../digicert/client.ts'
import type { CleanupRequest } from '../operations/cleanup.ts'
import type { DeliveryRequest } from '../operations/deliver.ts'
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
  connection: ClientOptions
  exportEnv: boolean
  /** Undefined when smctl shall not be installed. */
  smctl: SmctlInputs | undefined
  atJobEnd: CleanupRequest
  /** Whether to write a job summary. */
  summary: boolean
  /** Things to warn about that are no errors. */
  warnings: string[]
}

/**
 * Reads the root action's inputs. Secrets are masked before anything is looked at, so that no error can show one.
 * @throws ActionError INPUT_*, FILE_READ, P12_ENCODING
 */
export function readRootInputs(env: NodeJS.ProcessEnv): RootInputs {
  const warnings = maskSecretInputs(env)
  const password = readPassword(env)
  const apiKey = readApiKey(env)
  const request =
    choice(env, 'mode', ['issue', 'stored']) === 'issue'
      ? readIssue(env, password, apiKey, warnings)
      : readStored(env, password, apiKey)
  return {
    request,
    connection: readConnection(env, apiKey),
    summary: flag(env, 'summary', true),
    exportEnv: flag(env, 'export-env', true),
    smctl: readSmctl(env),
    atJobEnd: { cleanup: flag(env, 'cleanup', true), disableAfterJob: flag(env, 'disable-after-job', true) },
    warnings,
  }
}

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
  if (apiKey === undefined) throw missing('api-key')
  const trimmed = withoutTrailing(password, '\r\n')
  if (trimmed !== password) warnings.push(describeStray(password, trimmed))
  return {
    mode: 'issue',
    ...readCommon(env, apiKey),
    namePrefix: readNamePrefix(env),
    ...readCertificate(env, '1d'),
    password: trimmed === '' ? undefined : trimmed,
  }
}

function readStored(env: NodeJS.ProcessEnv, password: string, apiKey: string | undefined): StoredRequest {
  const common = readCommon(env, apiKey)
  if (common.requirePermissions.length > 0 && !common.verify && apiKey === undefined) {
    throw conflict(
      "'require-permissions' is set, but 'verify' is false and there is no 'api-key'.",
      'Only the mTLS proof or the API can tell what the user may do.',
      "Leave 'verify' on, or give 'api-key'.",
    )
  }
  const p12 = readP12(env)
  if (p12 === undefined) throw missing('p12')
  return {
    mode: 'stored',
    ...common,
    p12,
    password,
    warnWithinSeconds: duration(env, 'warn-within', '90d'),
    failWithinSeconds: duration(env, 'fail-within', '0d'),
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
