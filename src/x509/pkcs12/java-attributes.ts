/** The attributes of a bag as strictly as Java's key store reads them, which refuses a whole file for one of them. */
import { type Asn1, children, isOctetString, isOid, isSequence, isSet, oid } from '../der.ts'
import { OID } from './oids.ts'

const BMP_STRING = 0x1e

const VALUES: Record<string, (value: Asn1) => boolean> = {
  [OID.friendlyName]: ({ tag }) => tag === BMP_STRING,
  [OID.localKeyId]: isOctetString,
  [OID.trustedKeyUsage]: isOid,
}

export function isReadByJava(bag: Asn1): boolean {
  const [, , attributes] = children(bag)
  return attributes === undefined || (isSet(attributes) && children(attributes).every(isAttribute))
}

/** A type and its values; of the types that it reads, there is at least one. */
function isAttribute(node: Asn1): boolean {
  const [type, values, ...more] = isSequence(node) ? children(node) : []
  if (!isOid(type) || !isSet(values) || more.length > 0) return false
  const [first] = children(values)
  const isValue = VALUES[oid(type)]
  return isValue === undefined || (first !== undefined && isValue(first))
}
