/** Private keys in the formats that some programs put where PKCS#12 has PKCS#8 (RFC 7292 §4.2.2). */
import { type Asn1, children, isContext, isInteger, isOctetString, isSequence, readDer } from '../der.ts'

/** What a decrypted key is instead of PKCS#8; undefined when it is nothing known. */
export function otherKeyForm(bytes: Buffer): string | undefined {
  if (bytes.toString('latin1', 0, 11) === '-----BEGIN ') return 'PEM'
  try {
    return formOf(children(readDer(bytes)))
  } catch {
    return undefined
  }
}

/** RFC 8017 §A.1.2, RFC 5915 §3, RFC 5958 §3. */
function formOf(fields: Asn1[]): string | undefined {
  const [first, second, third] = fields
  if (fields.length >= 9 && fields.slice(0, 9).every(isInteger)) return 'PKCS#1'
  if (isInteger(first) && isOctetString(second) && (third === undefined || isTagged(third))) return 'SEC 1'
  const encrypted = isSequence(first) && isOctetString(second) && fields.length === 2
  return encrypted ? 'encrypted PKCS#8' : undefined
}

const isTagged = (node: Asn1): boolean => isContext(node, 0) || isContext(node, 1)
