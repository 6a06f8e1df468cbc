import type { DigicertOne } from '../digicert/client.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import { ActionError, hasCode } from '../errors.ts'
import type { PrivateDirectory } from '../files.ts'
import type { Clock, Log } from '../ports.ts'
import { clean } from '../text.ts'
import { isOfRun } from './nickname.ts'

/** What the main step left behind, however it finished. */
export interface Leftovers {
  directory: PrivateDirectory | undefined
  /** Run id and attempt, as this run's nicknames have them. */
  run: string
  /** The certificate of this run. */
  certificate: Known | undefined
  /** Requests whose outcome the main step never learned. */
  nicknames: string[]
  /** When the last of them was sent. */
  askedAt: Date | undefined
  /** True when the main step handed the certificate to later steps. */
  handedOver: boolean
}

export interface CleanupRequest {
  cleanup: boolean
  disableAfterJob: boolean
}

export interface CleanupPorts {
  clock: Clock
  log: Log
  /** Connects to the API that the main step used. */
  connect(): DigicertOne
}

/** For so long, a request that was in progress when the main step died may still be carried out. */
const STILL_ARRIVING_MS = 15_000
const LOOK_AGAIN_MS = 2_000

/**
 * The post step: deletes the files, and disables every certificate that this run issued. Nothing here fails the job;
 * what could not be done is a warning that says what is still alive.
 */
export async function cleanUp(
  leftovers: Leftovers,
  request: CleanupRequest,
  ports: CleanupPorts,
): Promise<void> {
  removeFiles(leftovers, request, ports.log)
  const { certificate, handedOver, nicknames } = onlyOfRun(leftovers, ports.log)
  const keep = handedOver && !request.disableAfterJob
  if (certificate !== undefined && keep) {
    ports.log.info(`Left ${named(certificate)} enabled, because of 'disable-after-job: false'.`)
  }
  const known = certificate !== undefined && !keep ? [certificate] : []
  if (known.length === 0 && nicknames.length === 0) return
  await disableAll(known, { ...leftovers, nicknames }, ports)
}

/** Whatever else may say so, a certificate without this run's id in its nickname was not issued by this run. */
function onlyOfRun(leftovers: Leftovers, log: Log): Leftovers {
  const ours = (nickname: string) => isOfRun(nickname, leftovers.run)
  const { certificate, nicknames } = leftovers
  const others = [...nicknames, ...(certificate === undefined ? [] : [certificate.nickname])].filter(
    nickname => !ours(nickname),
  )
  if (others.length > 0)
    log.warning(`Left ${quoted(others)} alone: the nickname does not belong to this run.`)
  return {
    ...leftovers,
    certificate: certificate !== undefined && ours(certificate.nickname) ? certificate : undefined,
    nicknames: nicknames.filter(ours),
  }
}

function removeFiles({ directory, handedOver }: Leftovers, { cleanup }: CleanupRequest, log: Log): void {
  if (directory === undefined || directory.found === 'nothing') return
  if (directory.found === 'something else') {
    log.warning(
      `Left ${directory.path} alone: it is no longer the directory that the main step created. The private key and the P12 may be elsewhere.`,
    )
    return
  }
  // Files of a step that failed are of no use to anybody, so 'cleanup: false' does not keep them.
  if (!cleanup && handedOver) {
    log.info(`Left ${directory.path} in place, because of 'cleanup: false'.`)
    return
  }
  try {
    directory.remove()
    log.info(`Deleted ${directory.path}.`)
  } catch (error) {
    log.warning(`${words(error)} ${stillThere(directory.names())} Delete that directory.`)
  }
}

/** The files that are each enough to sign, as `deliver.ts` names them. */
const SECRET_FILES = ['client.key', 'client.p12']

function stillThere(names: string[]): string {
  // A directory that cannot be read says nothing about what is in it.
  if (names.length === 0) return 'The private key and the P12 may still be there.'
  const secret = SECRET_FILES.some(name => names.includes(name))
  const others = secret ? '' : '; the private key and the P12 are deleted'
  return `The directory still contains ${names.map(name => clean(name, 100)).join(', ')}${others}.`
}

async function disableAll(known: Known[], leftovers: Leftovers, ports: CleanupPorts): Promise<void> {
  let digicert: DigicertOne
  try {
    digicert = ports.connect()
  } catch (error) {
    return warnAlive([...known.map(named), ...leftovers.nicknames.map(perhaps)], error, ports.log)
  }
  for (const certificate of known) await disable(certificate, digicert, ports.log)
  if (leftovers.nicknames.length > 0) await disableLost(leftovers, digicert, ports)
  await digicert.close()
}

interface Known {
  id: string
  nickname: string
}

async function disable(known: Known, digicert: DigicertOne, log: Log): Promise<void> {
  try {
    await digicert.disable(known.id)
    log.info(`Disabled ${named(known)}.`)
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return log.info(`${named(known)} no longer exists.`)
    warnAlive([named(known)], error, log)
  }
}

/** Looks for certificates whose responses were lost, until none can turn up any longer. */
async function disableLost(leftovers: Leftovers, digicert: DigicertOne, ports: CleanupPorts): Promise<void> {
  const { clock, log } = ports
  const open = new Set(leftovers.nicknames)
  let waiting = false
  // A clock that was set back must not make this wait for hours.
  const asked = Math.min(leftovers.askedAt?.getTime() ?? Number.POSITIVE_INFINITY, clock.now().getTime())
  const until = asked + STILL_ARRIVING_MS
  try {
    for (;;) {
      const wanted = { keep: ({ name }: CertificateRecord) => open.has(name), enough: open.size }
      for (const found of await digicert.listCertificates(wanted)) {
        open.delete(found.name)
        await disable({ id: found.id, nickname: found.name }, digicert, log)
      }
      if (open.size === 0) return
      if (clock.now().getTime() >= until) break
      if (!waiting) log.info(`Waiting for ${quoted(open)}: the request may still be in progress.`)
      waiting = true
      await clock.sleep(LOOK_AGAIN_MS)
    }
    log.info(`No certificate ${quoted(open)} exists: the request was never carried out.`)
  } catch (error) {
    warnAlive([...open].map(perhaps), error, log)
  }
}

function quoted(nicknames: Iterable<string>): string {
  return [...nicknames].map(nickname => `"${nickname}"`).join(', ')
}

function named({ id, nickname }: Known): string {
  return `"${nickname}" (id ${id})`
}

function perhaps(nickname: string): string {
  return `"${nickname}", if its request was carried out`
}

function warnAlive(alive: string[], error: unknown, log: Log): void {
  log.warning(
    `May still be enabled: ${alive.join('; ')}. ${words(error)} Disable it in DigiCert ONE (Account, Access, Service users).`,
  )
}

function words(error: unknown): string {
  return error instanceof ActionError
    ? `${error.message} (${error.code})`
    : `Unexpected: ${error instanceof Error ? error.message : 'no reason given'}.`
}
