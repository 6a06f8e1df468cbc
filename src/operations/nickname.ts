import type { Random } from '../ports.ts'

/** Fits a common name (X.520: 64 characters), which by default is the nickname. */
const LONGEST = 64
const SUFFIX_LENGTH = 10
const LONGEST_PREFIX = LONGEST - SUFFIX_LENGTH - 1
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

/** Says which run made the certificate, also where the text before it has to be cut for that. */
export function runPrefix(text: string, run: string): string {
  if (run === '') return nicknamePrefix(text)
  return joined(nicknamePrefix(text, LONGEST_PREFIX - run.length - 1), run)
}

/** DigiCert takes letters, numbers, spaces, dashes and underscores; anything else becomes a dash. */
export function nicknamePrefix(text: string, longest = LONGEST_PREFIX): string {
  const fitting = text.length > longest ? abbreviated(text, longest) : text
  return fitting
    .replace(/[^A-Za-z0-9 _-]+/g, '-')
    .replace(/^[ -]+/, '')
    .slice(0, Math.max(0, longest))
    .replace(/[ -]+$/, '')
}

/** Of `owner/repository` both keep enough to be recognized, the repository the larger part. */
function abbreviated(text: string, longest: number): string {
  const [owner = '', repository, ...rest] = text.split('/')
  if (repository === undefined || rest.length > 0 || longest < 3) return text
  const ownersShare = Math.floor((longest - 1) / 3)
  const kept = owner
    .slice(0, Math.max(ownersShare, longest - 1 - repository.length))
    .replace(/[^A-Za-z0-9]+$/, '')
  return `${kept}/${repository}`
}

/** True for a nickname that `issue` mode made in this run; outside of a run there is nothing to tell it by. */
export function isOfRun(nickname: string, run: string): boolean {
  const prefix = nickname.slice(0, -SUFFIX_LENGTH - 1)
  return run === '' || prefix === run || prefix.endsWith(`-${run}`)
}

/** A run of a workflow and one of its attempts. */
export interface RunAttempt {
  /** Digits; GitHub counts runs of github.com beyond 2^33, those of a server of its own from 1. */
  id: string
  attempt: number
}

/** Run id and attempt as nicknames have them; empty outside of a run. */
export function runTag(id = '', attempt = ''): string {
  return nicknamePrefix([id, attempt].filter(part => part !== '').join('-'))
}

const OF_A_RUN = new RegExp(`^(?:(.+)-)?([1-9]\\d{0,15})-([1-9]\\d{0,3})-[${ALPHABET}]{${SUFFIX_LENGTH}}$`)

/**
 * The run that a nickname of `issue` mode says it was made in: what `runPrefix`, `runTag` and `newNickname` write, and
 * nothing that they would write in another way.
 */
export function readRun(nickname: string): RunAttempt | undefined {
  const [, prefix = '', id = '', attempt = ''] = OF_A_RUN.exec(nickname) ?? []
  if (id === '' || nickname.length > LONGEST || nicknamePrefix(prefix) !== prefix) return undefined
  return Number.isSafeInteger(Number(id)) ? { id, attempt: Number(attempt) } : undefined
}

/** A nickname that nobody else uses: 32^10 suffixes, so finding it on the server means that it is ours. */
export function newNickname(prefix: string, random: Random): string {
  return joined(prefix, newSuffix(SUFFIX_LENGTH, random))
}

/** Together with the serial number it is as good as a longer one. */
const ROTATION_SUFFIX_LENGTH = 6
const ROTATION = /(?:^|-)replaces-([0-9A-F]{1,48})-[a-z2-9]{6}$/
/** As long as DigiCert's are; of a longer one its end, so that the prefix can still be recognized. */
const WRITTEN_DIGITS = 32
/** 64 bits, so that no two certificates of a service user get the same. */
const SERIAL_DIGITS = 16

/** The end of a serial number, by which certificates are compared. */
export function shortSerial(serialNumber: string): string {
  return serialNumber.slice(-SERIAL_DIGITS)
}

/**
 * The nickname of a certificate that takes the place of another. Rotation keeps no other record of what it did, so
 * the serial number of the other is in it, and the prefix gets what is left of the 64 characters.
 * @param text what it begins with, as the user or GitHub wrote it
 */
export function rotationNickname(text: string, serialNumber: string, random: Random): string {
  const tail = `replaces-${serialNumber.slice(-WRITTEN_DIGITS)}-${newSuffix(ROTATION_SUFFIX_LENGTH, random)}`
  return joined(nicknamePrefix(text, LONGEST - tail.length - 1), tail)
}

/**
 * The end of the serial number that a nickname of rotation says is replaced; undefined for every other nickname.
 */
export function replacedSerial(nickname: string): string | undefined {
  const serial = ROTATION.exec(nickname)?.[1]
  return serial === undefined ? undefined : shortSerial(serial)
}

function newSuffix(length: number, random: Random): string {
  return [...random.bytes(length)].map(byte => ALPHABET[byte % ALPHABET.length]).join('')
}

function joined(prefix: string, tail: string): string {
  return prefix === '' ? tail : `${prefix}-${tail}`
}
