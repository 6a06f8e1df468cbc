import { getState, saveState } from '@actions/core'
import { PrivateDirectory } from '../files.ts'
import type { Leftovers } from '../operations/cleanup.ts'
import type { Ledger } from '../operations/request.ts'
import type { Clock } from '../ports.ts'

/**
 * What the main step tells the post step. Each value is written the moment it is known, before the act that makes
 * it true, so that the post step finds what a killed main step left. None of it is secret.
 */
const KEYS = {
  directory: 'directory',
  caCertificates: 'ca-certificates',
  unsettled: 'unsettled-nicknames',
  askedAt: 'asked-at',
  certificateId: 'certificate-id',
  nickname: 'certificate-nickname',
  handedOver: 'handed-over',
} as const

export function saveDirectory(directory: PrivateDirectory): void {
  saveState(KEYS.directory, directory.path)
}

/** A variable of a process is at most 32 kB long on Windows, and a larger bundle is the system's own, which stays. */
const LONGEST_PEM = 24_000

/** For the post step, because the file that `ca-certificates` names may be gone by then. */
export function saveCaCertificates(certificates: string[]): void {
  const pem = certificates.join('')
  if (pem !== '' && pem.length <= LONGEST_PEM) saveState(KEYS.caCertificates, pem)
}

export function savedCaCertificates(): string {
  return getState(KEYS.caCertificates)
}

export function saveHandedOver(): void {
  saveState(KEYS.handedOver, 'true')
}

/** Saves what was requested and issued. */
export function stateLedger(clock: Clock): Ledger {
  const unsettled = new Set<string>()
  const save = () => saveState(KEYS.unsettled, [...unsettled].join('\n'))
  const settled = (nickname: string) => {
    unsettled.delete(nickname)
    save()
  }
  return {
    asking: nickname => {
      saveState(KEYS.askedAt, clock.now().toISOString())
      unsettled.add(nickname)
      save()
    },
    settled,
    issued: (id, nickname) => {
      saveState(KEYS.nickname, nickname)
      saveState(KEYS.certificateId, id)
      settled(nickname)
    },
  }
}

/** What the main step left, as far as it got; undefined when it did not get far enough to leave anything. */
export function readLeftovers(): Leftovers | undefined {
  const id = getState(KEYS.certificateId)
  const path = getState(KEYS.directory)
  const askedAt = new Date(getState(KEYS.askedAt))
  if (path === '') return undefined
  return {
    directory: PrivateDirectory.find(path),
    certificate: id === '' ? undefined : { id, nickname: getState(KEYS.nickname) },
    nicknames: readNicknames(getState(KEYS.unsettled)),
    askedAt: Number.isNaN(askedAt.getTime()) ? undefined : askedAt,
    handedOver: getState(KEYS.handedOver) === 'true',
  }
}

function readNicknames(saved: string): string[] {
  return saved.split(/\r?\n/).filter(nickname => nickname !== '')
}
