/** Undoing the encryption of a P12 with one password. */
import { ActionError } from '../../errors.ts'
import { type Asn1, child, children, integer, isInteger, isOctetString, isSequence, readDer } from '../der.ts'
import { type CertificateBag, type KeyBag, readBags } from './bags.ts'
import type { Findings } from './findings.ts'
import { Budget } from './limits.ts'
import { type Mac, readMac } from './mac.ts'
import type { Scheme } from './pbe.ts'
import { type Pfx, readSafes, type Safe } from './pfx.ts'
import { contentPassword } from './problems.ts'

export interface Opened {
  keys: OpenedKey[]
  certificates: CertificateBag[]
}

export interface OpenedKey {
  friendlyName?: string
  /** Undefined when the key has another password than the file. */
  pkcs8: Buffer | undefined
}

/** Undefined when the password is not the one. */
export async function openWith(pfx: Pfx, password: string, findings: Findings): Promise<Opened | undefined> {
  const budget = new Budget()
  const mac = pfx.macData && readMac(pfx.macData, budget)
  const safes = readSafes(pfx.authenticatedSafe, budget)
  const opener: Opener = { password, budget, findings }
  if (mac !== undefined && !(await macFits(mac, pfx, opener))) return undefined
  // Side by side: PBKDF2 runs on the thread pool.
  const parts = await Promise.all(safes.map(safe => openSafe(safe, opener)))
  const opened = {
    keys: parts.flatMap(part => part?.keys ?? []),
    certificates: parts.flatMap(part => part?.certificates ?? []),
  }
  const closed =
    parts.includes(undefined) || (opened.keys.length > 0 && opened.keys.every(key => key.pkcs8 === undefined))
  if (!closed) return opened
  if (mac === undefined) return undefined
  throw contentPassword()
}

interface Opener {
  password: string
  budget: Budget
  findings: Findings
}

async function macFits(mac: Mac, pfx: Pfx, { password, findings }: Opener): Promise<boolean> {
  for (const form of mac.forms(password)) {
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
      ? readDer(safe.contents)
      : await decrypt('contents', safe.scheme, safe.ciphertext, opener, readSafeContents)
  if (contents === undefined) return undefined
  const bags = readBags(contents, opener.budget)
  return {
    keys: await Promise.all(bags.keys.map(key => openKey(key, opener))),
    certificates: bags.certificates,
  }
}

async function openKey(key: KeyBag, opener: Opener): Promise<OpenedKey> {
  const pkcs8 =
    'pkcs8' in key ? key.pkcs8 : await decrypt('private key', key.scheme, key.ciphertext, opener, checkPkcs8)
  return { pkcs8, ...(key.friendlyName === undefined ? {} : { friendlyName: key.friendlyName }) }
}

/** Tries the forms of the password; `read` throws on nonsense, because padding alone fits one time in 256. */
async function decrypt<T>(
  what: string,
  scheme: Scheme,
  ciphertext: Buffer,
  { password, findings }: Opener,
  read: (plaintext: Buffer) => T,
): Promise<T | undefined> {
  for (const form of scheme.forms(password)) {
    try {
      const value = read(await scheme.decrypt(form.bytes, ciphertext))
      findings.undone(what, scheme, form)
      return value
    } catch (error) {
      if (error instanceof ActionError) throw error
    }
  }
  return undefined
}

function readSafeContents(plaintext: Buffer): Asn1 {
  const contents = readDer(plaintext)
  if (isSequence(contents) && children(contents).every(isSequence)) return contents
  throw new Error('not a SafeContents')
}

/** PrivateKeyInfo: version, algorithm, key (RFC 5958 §2). */
function checkPkcs8(plaintext: Buffer): Buffer {
  const [version, algorithm, key] = children(readDer(plaintext))
  if (
    isInteger(version) &&
    integer(version) <= 1 &&
    isSequence(algorithm) &&
    child(algorithm, 0) &&
    isOctetString(key)
  )
    return plaintext
  throw new Error('not a private key')
}
