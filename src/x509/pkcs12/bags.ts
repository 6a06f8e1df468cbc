/** The bags of a SafeContents (RFC 7292 §4.2): keys, certificates, and what else there may be. */
import { clean } from '../../text.ts'
import { type Asn1, bmpText, child, children, isContext, octetString, oid, toDer } from '../der.ts'
import type { Budget } from './limits.ts'
import { OID } from './oids.ts'
import { readScheme, type Scheme } from './pbe.ts'
import { malformed } from './problems.ts'

/** A PKCS#8 key, or what it takes to get it. */
export type KeyBag = { friendlyName?: string } & ({ pkcs8: Buffer } | { scheme: Scheme; ciphertext: Buffer })

export interface CertificateBag {
  friendlyName?: string
  der: Buffer
}

/** In the order of the file. */
export interface Bags {
  keys: KeyBag[]
  certificates: CertificateBag[]
}

export function readBags(safeContents: Asn1, budget: Budget): Bags {
  const bags: Bags = { keys: [], certificates: [] }
  for (const bag of flatten(safeContents, budget, 1)) sortIn(bag, bags, budget)
  return bags
}

interface Bag {
  type: string
  value: Asn1
  name: { friendlyName?: string }
}

/** §4.2.6: a bag may hold a SafeContents in its turn. */
function flatten(safeContents: Asn1, budget: Budget, depth: number): Bag[] {
  return children(safeContents).flatMap(node => {
    budget.bag(depth)
    const wrapper = child(node, 1)
    if (!isContext(wrapper, 0)) throw malformed('an entry is empty')
    const type = oid(child(node, 0))
    const value = child(wrapper, 0)
    if (type === OID.safeContentsBag) return flatten(value, budget, depth + 1)
    return [{ type, value, name: readFriendlyName(node) }]
  })
}

function sortIn({ type, value, name }: Bag, bags: Bags, budget: Budget): void {
  if (type === OID.keyBag) {
    bags.keys.push({ ...name, pkcs8: toDer(value) })
  } else if (type === OID.shroudedKeyBag) {
    const scheme = readScheme(child(value, 0), budget)
    bags.keys.push({ ...name, scheme, ciphertext: octetString(child(value, 1)) })
  } else if (type === OID.certBag && oid(child(value, 0)) === OID.x509Certificate) {
    bags.certificates.push({ ...name, der: octetString(child(child(value, 1), 0)) })
  }
  // CRLs, secrets, SDSI certificates and private extensions are of no use here.
}

/** An attribute that is not what it should be is no reason to refuse a file. */
function readFriendlyName(bag: Asn1): { friendlyName?: string } {
  const [, , attributes] = children(bag)
  try {
    const attribute =
      attributes && children(attributes).find(node => oid(child(node, 0)) === OID.friendlyName)
    const text = attribute && bmpText(child(child(attribute, 1), 0))
    const friendlyName = clean(text) // Windows ends the name with a NUL at times
    return friendlyName === '' ? {} : { friendlyName }
  } catch {
    return {}
  }
}
