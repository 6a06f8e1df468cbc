import type { ClientOptions } from '../digicert/client.ts'
import { parseApiUrl } from '../github/api-url.ts'
import type { GithubOptions } from '../github/secrets.ts'
import { parseTarget, type Target, targetName } from '../github/target.ts'
import type { Lookout } from '../operations/rotate/publish.ts'
import type { RotateRequest } from '../operations/rotate/types.ts'
import { readCertificate } from './certificate-input.ts'
import { readApiKey, readConnection } from './connection.ts'
import { choice, conflict, duration, flag, invalid, missing, text } from './fields.ts'
import { readGithubToken } from './github-token-input.ts'
import { readInlineP12, readPassword } from './p12-input.ts'
import { maskSecretInputs } from './secret-inputs.ts'

/** Where the new P12 goes. */
export type Publication = { to: 'github'; github: GithubOptions; lookout: Lookout } | { to: 'outputs' }

export interface RotateInputs {
  request: RotateRequest
  connection: ClientOptions
  publication: Publication
  /** Whether to write a job summary. */
  summary: boolean
  warnings: string[]
}

/** @throws ActionError INPUT_*, P12_ENCODING */
export function readRotateInputs(env: NodeJS.ProcessEnv): RotateInputs {
  const warnings = maskSecretInputs(env, 'github-token')
  const apiKey = readApiKey(env)
  if (apiKey === undefined) throw missing('api-key')
  const connection = readConnection(env, apiKey)
  const publication = readPublication(env, connection)
  const p12 = readInlineP12(env)
  if (p12 === undefined) throw missing('p12')
  const request: RotateRequest = {
    p12,
    password: readPassword(env),
    ...readCertificate(env, '180d'),
    encryption: choice(env, 'p12-encryption', ['auto', 'modern', 'legacy']),
    namePrefix: text(env, 'name') || env.GITHUB_REPOSITORY || 'github-actions',
    settings: {
      rotateWithinSeconds: duration(env, 'rotate-within', '60d'),
      graceSeconds: duration(env, 'grace', '7d'),
      force: flag(env, 'force', false),
    },
    dryRun: flag(env, 'dry-run', false),
  }
  return { request, connection, publication, summary: flag(env, 'summary', true), warnings }
}

function readPublication(env: NodeJS.ProcessEnv, connection: ClientOptions): Publication {
  if (choice(env, 'publish', ['github', 'outputs']) === 'outputs') {
    rejectGithubInputs(env)
    return { to: 'outputs' }
  }
  const token = readGithubToken(env)
  if (token === undefined) throw missing('github-token')
  const repository = env.GITHUB_REPOSITORY ?? ''
  const targets = readTargets(env, repository)
  const names = {
    p12: readSecretName(env, 'secret-name'),
    password: readSecretName(env, 'password-secret-name'),
  }
  const github = readGithub(env, token, connection, targets.length)
  return { to: 'github', github, lookout: { targets, names, repository } }
}

/** The runner fills in the defaults of action.yml, so only another value shows that somebody meant it. */
function rejectGithubInputs(env: NodeJS.ProcessEnv): void {
  const defaults: Record<string, string> = { 'github-token': '', targets: '', ...SECRET_NAMES }
  for (const [input, fallback] of Object.entries(defaults)) {
    if ((text(env, input) || fallback) === fallback) continue
    throw conflict(
      `'publish' is outputs, and '${input}' is set.`,
      'With `publish: outputs` a later step stores the new P12, and this action writes no GitHub secret.',
      `Remove '${input}', or remove 'publish' to have this action write GitHub's secrets.`,
    )
  }
}

/** One per line; a comma does as well. Each once, because names of accounts and repositories are not case-sensitive. */
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
        `has an entry (number ${index + 1}) that is not a repository, environment or organization`,
        'Write one per line: owner/repo, owner/repo:environment or org:owner.',
      )
    }
    targets.set(targetName(target).toLowerCase(), target)
  }
  return [...targets.values()]
}

const SECRET_NAMES = {
  'secret-name': 'SM_CLIENT_CERT_FILE_B64',
  'password-secret-name': 'SM_CLIENT_CERT_PASSWORD',
}

function readSecretName(env: NodeJS.ProcessEnv, input: keyof typeof SECRET_NAMES): string {
  const name = text(env, input) || SECRET_NAMES[input]
  if (/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(name)) return name
  throw invalid(
    input,
    'is not the name of a secret',
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
