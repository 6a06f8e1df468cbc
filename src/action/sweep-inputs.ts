import type { ClientOptions } from '../digicert/client.ts'
import type { ActionError } from '../errors.ts'
import { parseApiUrl } from '../github/api-url.ts'
import type { RunsOptions } from '../github/runs.ts'
import type { AllRequest, LeftoversRequest } from '../operations/sweep/types.ts'
import { conflict, flag, missing, text } from './fields.ts'
import { readGithubToken } from './github-token-input.ts'
import { requireRepository } from './runner.ts'

/** What is done to many certificates, and how GitHub is asked about their runs. */
export type SweepInputs =
  | { kind: 'leftovers'; request: LeftoversRequest; github: RunsOptions }
  | { kind: 'all'; request: AllRequest }

interface Common {
  enabled: boolean
  dryRun: boolean
  connection: ClientOptions
}

const NAMES = ['certificate-id', 'serial-number', 'name', 'p12', 'p12-file']

/**
 * What `leftovers` or `all` ask for; undefined when one certificate is meant.
 * @throws ActionError INPUT_*, RUNNER_ENVIRONMENT
 */
export function readSweep(env: NodeJS.ProcessEnv, common: Common): SweepInputs | undefined {
  const leftovers = flag(env, 'leftovers', false)
  const all = flag(env, 'all', false)
  if (leftovers && all) throw both()
  if (leftovers) return readLeftovers(env, common)
  return all ? { kind: 'all', request: readAll(env, common) } : undefined
}

function both(): ActionError {
  return conflict(
    "'leftovers' and 'all' are both true.",
    'The two were combined: `leftovers` selects the certificates of runs that are over, `all` selects every certificate.',
    'Set only one of them.',
  )
}

function readLeftovers(env: NodeJS.ProcessEnv, { enabled, dryRun, connection }: Common): SweepInputs {
  refuse(env, NAMES, "'leftovers'", '`leftovers` finds the certificates by the runs that made them.')
  if (enabled) {
    throw conflict(
      "'leftovers' and 'enabled' are both true.",
      '`leftovers` can only disable: the certificates belong to jobs that are over, and nobody needs them enabled.',
      'Write `enabled: false`. To enable a certificate again, name it by `certificate-id`.',
    )
  }
  const token = readGithubToken(env)
  if (token === undefined) throw missing('github-token')
  return {
    kind: 'leftovers',
    request: {
      kind: 'leftovers',
      enabled: false,
      repository: requireRepository(env),
      ownRun: env.GITHUB_RUN_ID ?? '',
      isOwnServer: !isGithubCom(env.GITHUB_SERVER_URL ?? ''),
      dryRun,
    },
    github: {
      token,
      apiUrl: parseApiUrl(env.GITHUB_API_URL ?? ''),
      caCertificates: connection.caCertificates,
      timeoutMs: connection.timeoutMs,
      retries: connection.retries,
      userAgent: connection.userAgent,
    },
  }
}

/** Includes ghe.com, whose run ids come from the same sequence. */
function isGithubCom(serverUrl: string): boolean {
  return serverUrl === '' || /^https:\/\/(github\.com|[^/]+\.ghe\.com)\/?$/i.test(serverUrl)
}

function readAll(env: NodeJS.ProcessEnv, { enabled, dryRun }: Common): AllRequest {
  const others = NAMES.filter(input => input !== 'name')
  refuse(
    env,
    others,
    "'all'",
    "`all` selects every certificate of the service user, or those that 'name' matches.",
  )
  const name = text(env, 'name')
  if (enabled && /^\**$/.test(name)) throw everyOne()
  return { kind: 'all', enabled, name, dryRun }
}

function everyOne(): ActionError {
  return conflict(
    "'all' and 'enabled' are true, and 'name' does not say which certificates.",
    'This would also enable certificates that were disabled for a reason: leaked ones, and one for each job that ever ran.',
    "Set 'name' to a glob that matches only the certificates that you want to enable.",
  )
}

function refuse(env: NodeJS.ProcessEnv, inputs: string[], mode: string, why: string): void {
  const given = inputs.filter(input => text(env, input) !== '').map(input => `'${input}'`)
  if (given.length === 0) return
  const are = given.length === 1 ? 'is' : 'are'
  throw conflict(
    `${mode} is true, and ${given.join(', ')} ${are} set as well.`,
    why,
    `Leave ${given.join(', ')} out, or ${mode}.`,
  )
}
