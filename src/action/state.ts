import { getState } from '@actions/core'
import type { ClientOptions } from '../digicert/client.ts'
import { ActionError } from '../errors.ts'
import { PrivateDirectory } from '../files.ts'
import { pemCertificates } from '../net/pem-certificates.ts'
import type { CleanupRequest, Leftovers } from '../operations/cleanup.ts'
import type { Clock, Ledger } from '../ports.ts'
import { USER_AGENT } from '../version.ts'
import { runTag } from './runner.ts'
import { inParts, joinParts, keepStatePrivate, LONGEST_TEXT, save } from './state-file.ts'

/**
 * What the main step tells the post step, which has nothing else to go by: in nested composite actions its inputs are
 * empty, or those of the outer action. Each value is written the moment it is known, before the act that makes it
 * true, so that the post step finds what a killed main step left.
 */
const KEYS = {
  directory: 'directory',
  apiHost: 'api-host',
  clientauthHost: 'clientauth-host',
  apiKey: 'api-key',
  timeout: 'timeout-ms',
  retries: 'retries',
  cleanup: 'cleanup',
  disableAfterJob: 'disable-after-job',
  unsettled: 'unsettled-nicknames',
  askedAt: 'asked-at',
  certificateId: 'certificate-id',
  nickname: 'certificate-nickname',
  handedOver: 'handed-over',
  mode: 'mode', // last: it says that the rest is complete
} as const

/** Of any length, so in parts. */
const CA_CERTIFICATES = 'ca-certificates'

/** What the post step has to do, whatever its inputs are. */
export interface SavedJob {
  leftovers: Leftovers
  atJobEnd: CleanupRequest
}

interface Job {
  mode: 'issue' | 'stored'
  directory: PrivateDirectory
  connection: ClientOptions
  atJobEnd: CleanupRequest
}

/**
 * The very first act of the main step. The runner hands the post step whatever `STATE_` variables earlier steps put
 * into the environment, and covers them with what was saved: so every key is saved, even if the inputs are wrong.
 */
export function claimState(env: NodeJS.ProcessEnv): void {
  if (!env.GITHUB_STATE) return
  try {
    save({
      ...Object.fromEntries(Object.values(KEYS).map(key => [key, ''])),
      ...inParts(CA_CERTIFICATES, ''),
    })
  } catch {
    // The main step cannot go on without this file, and says so once the secrets are masked.
  }
}

/**
 * Everything that the post step needs to finish what this job begins; saved before the first request, and once more, as a job
 * in `issue` mode, before one is issued in place of a stored P12. Only `issue` mode leaves something in DigiCert ONE,
 * so only there the API key is among it.
 * @throws ActionError INPUT_INVALID
 */
export function saveJob({ mode, directory, connection, atJobEnd }: Job): void {
  const issuing = mode === 'issue'
  if (issuing) keepStatePrivate()
  save({
    [KEYS.directory]: directory.name,
    [KEYS.apiHost]: connection.hosts.api,
    [KEYS.clientauthHost]: connection.hosts.clientauth,
    [KEYS.apiKey]: issuing ? (connection.apiKey ?? '') : '',
    ...inParts(CA_CERTIFICATES, issuing ? savable(connection.caCertificates) : ''),
    [KEYS.timeout]: String(connection.timeoutMs),
    [KEYS.retries]: String(connection.retries),
    [KEYS.cleanup]: String(atJobEnd.cleanup),
    [KEYS.disableAfterJob]: String(atJobEnd.disableAfterJob),
    [KEYS.mode]: mode,
  })
}

export function saveHandedOver(): void {
  save({ [KEYS.handedOver]: 'true' })
}

/** Saves what was requested and issued. */
export function stateLedger(clock: Clock): Ledger {
  const unsettled = new Set<string>()
  const nicknames = () => ({ [KEYS.unsettled]: [...unsettled].join('\n') })
  return {
    asking: nickname => {
      unsettled.add(nickname)
      save({ [KEYS.askedAt]: clock.now().toISOString(), ...nicknames() })
    },
    settled: nickname => {
      unsettled.delete(nickname)
      save(nicknames())
    },
    issued: (id, nickname) => {
      unsettled.delete(nickname)
      save({ [KEYS.nickname]: nickname, [KEYS.certificateId]: id, ...nicknames() })
    },
  }
}

/**
 * What the main step saved, as far as it got; undefined when it did not get far enough to leave anything.
 * @param env the runner's own variables: where its files are, and which run this is
 */
export function readJob(env: NodeJS.ProcessEnv): SavedJob | undefined {
  const mode = getState(KEYS.mode)
  if (mode !== 'stored' && (mode !== 'issue' || savedApiKey() === '')) return undefined
  return {
    leftovers: readLeftovers(mode, env),
    atJobEnd: {
      cleanup: getState(KEYS.cleanup) !== 'false',
      disableAfterJob: getState(KEYS.disableAfterJob) !== 'false',
    },
  }
}

/** Empty where nothing is left in DigiCert ONE. */
export function savedApiKey(): string {
  return getState(KEYS.apiKey)
}

/** How the main step, in `issue` mode, talked to DigiCert ONE. */
export function savedConnection(): ClientOptions {
  return {
    hosts: { api: getState(KEYS.apiHost), clientauth: getState(KEYS.clientauthHost) },
    apiKey: savedApiKey(),
    // The main step has read them; a reader would be half of the post step's code.
    caCertificates: pemCertificates(joinParts(CA_CERTIFICATES).replaceAll('\r\n', '\n')),
    timeoutMs: Number(getState(KEYS.timeout)),
    retries: Number(getState(KEYS.retries)),
    userAgent: USER_AGENT,
  }
}

function readLeftovers(mode: Job['mode'], env: NodeJS.ProcessEnv): Leftovers {
  const directory = PrivateDirectory.find(env.RUNNER_TEMP ?? '', getState(KEYS.directory))
  const handedOver = getState(KEYS.handedOver) === 'true'
  const run = runTag(env)
  if (mode === 'stored')
    return { directory, run, handedOver, certificate: undefined, nicknames: [], askedAt: undefined }
  const id = getState(KEYS.certificateId)
  const askedAt = new Date(getState(KEYS.askedAt))
  return {
    directory,
    run,
    handedOver,
    certificate: id === '' ? undefined : { id, nickname: getState(KEYS.nickname) },
    nicknames: getState(KEYS.unsettled)
      .split(/\r?\n/)
      .filter(nickname => nickname !== ''),
    askedAt: Number.isNaN(askedAt.getTime()) ? undefined : askedAt,
  }
}

/**
 * The certificates and not the path that `ca-certificates` may be, because the file may be gone or another one by then.
 * @throws ActionError INPUT_INVALID
 */
function savable(certificates: string[]): string {
  const pem = [...new Set(certificates)].join('')
  if (pem.length <= LONGEST_TEXT) return pem
  throw new ActionError('INPUT_INVALID', {
    what: `The input 'ca-certificates' contains ${pem.length} characters of certificates, but at most ${LONGEST_TEXT} can be passed to the post step.`,
    why: 'The input contains a whole collection of public roots, which are trusted anyway.',
    fix: 'Provide only the CA certificates of your servers and proxies.',
  })
}
