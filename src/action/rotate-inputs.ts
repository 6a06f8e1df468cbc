import type { ClientOptions } from '../digicert/client.ts'
import { parseApiUrl } from '../github/api-url.ts'
import type { GithubOptions } from '../github/secrets.ts'
import { parseTarget, type Target, targetName } from '../github/target.ts'
import { runPrefix } from '../operations/nickname.ts'
import type { RotateRequest } from '../operations/rotate/types.ts'
import { readCertificate } from './certificate-input.ts'
import { readApiKey, readConnection } from './connection.ts'
import { choice, duration, flag, invalid, missing, text } from './fields.ts'
import { readGithubToken } from './github-token-input.ts'
import { readInlineP12, readPassword } from './p12-input.ts'
import { maskSecretInputs } from './secret-inputs.ts'

export interface RotateInputs {
  request: RotateRequest
  connection: ClientOptions
  github: GithubOptions
  /** Whether to write a job summary. */
  summary: boolean
  warnings: string[]
}

/** @throws ActionError INPUT_*, P12_ENCODING */
export function readRotateInputs(env: NodeJS.ProcessEnv): RotateInputs {
  const warnings = maskSecretInputs(env, 'github-token')
  const token = readGithubToken(env)
  const apiKey = readApiKey(env)
  if (apiKey === undefined) throw missing('api-key')
  if (token === undefined) throw missing('github-token')
  const p12 = readInlineP12(env)
  if (p12 === undefined) throw missing('p12')
  const repository = env.GITHUB_REPOSITORY ?? ''
  const targets = readTargets(env, repository)
  const connection = readConnection(env, apiKey)
  const request: RotateRequest = {
    p12,
    password: readPassword(env),
    ...readCertificate(env, '180d'),
    encryption: choice(env, 'p12-encryption', ['auto', 'modern', 'legacy']),
    namePrefix: runPrefix(text(env, 'name') || repository || 'github-actions', ''),
    names: {
      p12: readSecretName(env, 'secret-name', 'SM_CLIENT_CERT_FILE_B64'),
      password: readSecretName(env, 'password-secret-name', 'SM_CLIENT_CERT_PASSWORD'),
    },
    targets,
    repository,
    settings: {
      rotateWithinSeconds: duration(env, 'rotate-within', '60d'),
      graceSeconds: duration(env, 'grace', '7d'),
      force: flag(env, 'force', false),
    },
    dryRun: flag(env, 'dry-run', false),
  }
  const github = readGithub(env, token, connection, targets.length)
  return { request, connection, github, summary: flag(env, 'summary', true), warnings }
}

/** One per line; a comma does as well. Each once, because names of accounts and repositories know no case. */
function readTargets(env: NodeJS.ProcessEnv, repository: string): Target[] {
  const lines = (text(env, 'targets') || repository)
    .split(/[,\r\n]+/)
    .map(line => line.trim())
    .filter(line => line !== '')
  if (lines.length === 0) throw missing('targets')
  const targets = new Map<string, Target>()
  for (const [index, line] of lines.entries()) {
    const target = parseTarget(line)
    if (target === undefined) {
      throw invalid(
        'targets',
        `has an entry (number ${index + 1}) that names no repository, environment or organization`,
        'Write one per line: owner/repo, owner/repo:environment or org:owner.',
      )
    }
    targets.set(targetName(target).toLowerCase(), target)
  }
  return [...targets.values()]
}

function readSecretName(env: NodeJS.ProcessEnv, input: string, fallback: string): string {
  const name = text(env, input) || fallback
  if (/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(name)) return name
  throw invalid(
    input,
    'is no name of a secret',
    'Use letters, digits and underscores, not starting with a digit or GITHUB_. It is the name, not the value.',
  )
}

function readGithub(
  env: NodeJS.ProcessEnv,
  token: string,
  { caCertificates, timeoutMs, retries, userAgent }: ClientOptions,
  writes: number,
): GithubOptions {
  const apiUrl = parseApiUrl(env.GITHUB_API_URL ?? '')
  return { token, apiUrl, caCertificates, timeoutMs, retries, userAgent, writes }
}
