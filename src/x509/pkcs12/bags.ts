/** The bags of a SafeContents (RFC 7292 §4.2): keys, certificates, and what else there may be. */
import {
  type Asn1,
  bmpText,
  child,
  children,
  isContext,
  isOid,
  isSequence,
  isSet,
  octetString,
  oid,
  toDer,
} from '../der.ts'
import { fileText } from '../file-text.ts'
import { malformed } from './errors.ts'
import type { Findings } from './findings.ts'
import { isReadByJava } from './java-attributes.ts'
import type { Budget } from './limits.ts'
import { OID } from './oids.ts'
import { readScheme, type Scheme } from './pbe.ts'

/** What a bag calls itself. */
export interface BagNames {
  friendlyName?: string
  /** In hex. */
  localKeyId?: string
}

/** A PKCS#8 key, or what it takes to get it. */
export type KeyBag = { names: BagNames } & ({ pkcs8: Buffer } | { scheme: Scheme; ciphertext: Buffer })

export interface CertificateBag extends BagNames {
  der: Buffer
}

/** In the order of the file. */
export interface Bags {
  keys: KeyBag[]
  certificates: CertificateBag[]
}

export function readBags(safeContents: Asn1, budget: Budget, findings: Findings): Bags {
  const bags: Bags = { keys: [], certificates: [] }
  const top = children(safeContents).length
  const all = flatten(safeContents, budget, 1)
  if (all.length !== top) findings.obstacle('bags within bags', 'java', 'go')
  if (!children(safeContents).every(isByTheBook)) findings.obstacle('bags of an unusual structure', 'go')
  if (!children(safeContents).every(isReadByJava))
    findings.obstacle('an attribute of an unusual kind', 'java')
  for (const bag of all) sortIn(bag, bags, budget, findings)
  return bags
}

interface Bag {
  type: string
  value: Asn1
  names: BagNames
}

/** §4.2.6: a bag may itself contain a SafeContents. */
function flatten(safeContents: Asn1, budget: Budget, depth: number): Bag[] {
  return children(safeContents).flatMap(node => {
    budget.bag(depth)
    const wrapper = child(node, 1)
    if (!isContext(wrapper, 0)) throw malformed('an entry is empty')
    const type = oid(child(node, 0))
    const value = child(wrapper, 0)
    if (type === OID.safeContentsBag) return flatten(value, budget, depth + 1)
    return [{ type, value, names: readNames(node) }]
  })
}

function sortIn({ type, value, names }: Bag, bags: Bags, budget: Budget, findings: Findings): void {
  if (type === OID.keyBag || type === OID.shroudedKeyBag) budget.key()
  if (type === OID.keyBag) {
    bags.keys.push({ names, pkcs8: toDer(value) })
  } else if (type === OID.shroudedKeyBag) {
    const scheme = readScheme(child(value, 0), budget)
    bags.keys.push({ names, scheme, ciphertext: octetString(child(value, 1)) })
  } else if (type === OID.certBag && oid(child(value, 0)) === OID.x509Certificate) {
    bags.certificates.push({ ...names, der: octetString(child(child(value, 1), 0)) })
  } else if (type === OID.certBag) {
    findings.obstacle('a certificate that is not X.509', 'java', 'go')
  }
  // CRLs, secrets, SDSI certificates and private extensions are of no use here.
}

/** RFC 7292 §4.2: one value, and attributes of a type and a set of values each. */
function isByTheBook(bag: Asn1): boolean {
  const [, value, attributes, ...more] = children(bag)
  const isAttribute = (node: Asn1): boolean => {
    const [type, values] = isSequence(node) ? children(node) : []
    return type !== undefined && isOid(type) && isSet(values)
  }
  const inOrder = attributes === undefined || (isSet(attributes) && children(attributes).every(isAttribute))
  return inOrder && more.length === 0 && value !== undefined && children(value).length === 1
}

function readNames(bag: Asn1): BagNames {
  const friendlyName = fileText(readAttribute(bag, OID.friendlyName, bmpText) ?? '') // Windows sometimes appends a NUL
  const localKeyId = readAttribute(bag, OID.localKeyId, octetString)?.toString('hex')
  return {
    ...(friendlyName === '' ? {} : { friendlyName }),
    ...(localKeyId === undefined ? {} : { localKeyId }),
  }
}

/** A file is not refused because of a malformed attribute. */
function readAttribute<T>(bag: Asn1, type: string, read: (value: Asn1) => T): T | undefined {
  const [, , attributes] = children(bag)
  try {
    const attribute = attributes && children(attributes).find(node => oid(child(node, 0)) === type)
    return attribute && read(child(child(attribute, 1), 0))
  } catch {
    return undefined
  }
}
