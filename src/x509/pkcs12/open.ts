/** Undoing the encryption of a P12 with one password. */
import { ActionError } from '../../errors.ts'
import {
  type Asn1,
  child,
  children,
  integer,
  isDer,
  isInteger,
  isOctetString,
  isSequence,
  readDer,
} from '../der.ts'
import { type BagNames, type CertificateBag, type KeyBag, readBags } from './bags.ts'
import { contentPassword } from './errors.ts'
import type { Findings } from './findings.ts'
import { otherKeyForm } from './key-form.ts'
import { Budget, type Effort } from './limits.ts'
import { type Mac, readMac } from './mac.ts'
import { isPrivateKeyInfo, isSafeContents } from './openssl-grammar.ts'
import type { Scheme } from './pbe.ts'
import { type Pfx, readSafes, type Safe } from './pfx.ts'

export interface Opened {
  keys: OpenedKey[]
  certificates: CertificateBag[]
}

export interface OpenedKey extends BagNames {
  /** Undefined when the key has another password than the file, or another form. */
  pkcs8: Buffer | undefined
  /** What it is in place of PKCS#8. */
  form?: string
}

/** Undefined when the password is not the one. */
export async function openWith(
  pfx: Pfx,
  password: string,
  effort: Effort,
  findings: Findings,
): Promise<Opened | undefined> {
  const budget = new Budget()
  const mac = pfx.macData && readMac(pfx.macData, budget)
  const safes = readSafes(pfx.authenticatedSafe, budget)
  if (safes.length > 2) findings.obstacle('more than two safes', 'go')
  const opener: Opener = { password, budget, effort, findings }
  if (mac !== undefined && !(await macFits(mac, pfx, opener))) return undefined
  // Side by side: PBKDF2 runs on the thread pool.
  const parts = await Promise.all(safes.map(safe => openSafe(safe, opener)))
  const opened = {
    keys: parts.flatMap(part => part?.keys ?? []),
    certificates: parts.flatMap(part => part?.certificates ?? []),
  }
  const closed = parts.includes(undefined) || (opened.keys.length > 0 && opened.keys.every(isClosed))
  if (!closed) return opened
  if (mac === undefined) return undefined
  throw contentPassword()
}

const BROKEN = 'an attribute or a bag of a broken structure'
const BROKEN_KEY = 'a private key with more in it than OpenSSL 3.0 reads'

const isClosed = ({ pkcs8, form }: OpenedKey): boolean => pkcs8 === undefined && form === undefined

interface Opener {
  password: string
  budget: Budget
  effort: Effort
  findings: Findings
}

async function macFits(mac: Mac, pfx: Pfx, { password, effort, findings }: Opener): Promise<boolean> {
  for (const form of mac.forms(password)) {
    effort.spend(mac.rounds)
    if (await mac.verify(form, pfx.authenticatedSafe)) {
      findings.undone('integrity', mac, form)
      return true
    }
  }
  return false
}

async function openSafe(safe: Safe, opener: Opener): Promise<Opened | undefined> {
  const contents =
    'contents' in safe
      ? safe.contents
      : await decrypt('contents', safe.scheme, safe.ciphertext, opener, checkSafeContents)
  if (contents === undefined) return undefined
  if (!safe.byTheBook) opener.findings.obstacle('a safe of an unusual structure', 'go')
  if (!isDer(contents)) opener.findings.obstacle('BER in place of DER', 'go')
  const value = readDer(contents)
  if (!isSafeContents(value)) opener.findings.obstacle(BROKEN, 'openssl3')
  const bags = readBags(value, opener.budget, opener.findings)
  return {
    keys: await Promise.all(bags.keys.map(key => openKey(key, opener))),
    certificates: bags.certificates,
  }
}

async function openKey(bag: KeyBag, opener: Opener): Promise<OpenedKey> {
  const { names } = bag
  if ('pkcs8' in bag) {
    opener.findings.obstacle('a private key that is not encrypted', 'java')
    return { ...names, ...form(bag.pkcs8) }
  }
  const pkcs8 = await decrypt('private key', bag.scheme, bag.ciphertext, opener, checkKey)
  if (pkcs8 === undefined) return { ...names, pkcs8 }
  const formed = form(pkcs8)
  if (formed.pkcs8 === undefined) return { ...names, ...formed }
  if (!isDer(pkcs8)) opener.findings.obstacle('BER in place of DER', 'go')
  if (!isPrivateKeyInfo(readDer(pkcs8))) opener.findings.obstacle(BROKEN_KEY, 'openssl3')
  return { ...names, ...formed }
}

function form(key: Buffer): Pick<OpenedKey, 'pkcs8' | 'form'> {
  const other = otherKeyForm(key)
  return other === undefined ? { pkcs8: key } : { pkcs8: undefined, form: other }
}

/** Tries the forms of the password; `check` throws on nonsense, because padding alone fits one time in 256. */
async function decrypt(
  what: string,
  scheme: Scheme,
  ciphertext: Buffer,
  { password, effort, findings }: Opener,
  check: (plaintext: Buffer) => void,
): Promise<Buffer | undefined> {
  for (const form of scheme.forms(password)) {
    // A byte of RC2, which is in JavaScript, takes less than a round.
    effort.spend(scheme.rounds + ciphertext.length)
    try {
      const plaintext = await scheme.decrypt(form.bytes, ciphertext)
      check(plaintext)
      findings.undone(what, scheme, form)
      return plaintext
    } catch (error) {
      if (error instanceof ActionError) throw error
    }
  }
  return undefined
}

function checkSafeContents(plaintext: Buffer): void {
  const contents: Asn1 = readDer(plaintext)
  if (!isSequence(contents) || !children(contents).every(isSequence)) throw new Error('not a SafeContents')
}

function checkKey(plaintext: Buffer): void {
  if (otherKeyForm(plaintext) === undefined) checkPkcs8(plaintext)
}

/** PrivateKeyInfo: version, algorithm, key (RFC 5958 §2). */
function checkPkcs8(plaintext: Buffer): void {
  const [version, algorithm, key] = children(readDer(plaintext))
  const fits =
    isInteger(version) &&
    integer(version) <= 1 &&
    isSequence(algorithm) &&
    child(algorithm, 0) &&
    isOctetString(key)
  if (!fits) throw new Error('not a private key')
}
