/** What a certificate may be used for. Read from its bytes, because Node does not expose the key usage. */
import { type Asn1, child, children, isContext, octetString, octets, oid, readDer } from './der.ts'

const KEY_USAGE = '2.5.29.15'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const FOR_CLIENTS = new Set(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'])
/** digitalSignature and keyAgreement: servers ask for one of them (RFC 5280 §4.2.1.12). */
const SIGNS = 0b1000_1000

/** Whether servers take it as a client certificate; where it says nothing about its use, everything is allowed. */
export function isForClients(certificate: Buffer): boolean {
  try {
    const extensions = readExtensions(certificate)
    const purposes = extensions.get(EXTENDED_KEY_USAGE)
    const usage = extensions.get(KEY_USAGE)
    const named = purposes === undefined || children(purposes).some(one => FOR_CLIENTS.has(oid(one)))
    return named && (usage === undefined || ((octets(usage)[1] ?? 0) & SIGNS) !== 0)
  } catch {
    return true
  }
}

/** By their OIDs, the first of each. */
function readExtensions(certificate: Buffer): Map<string, Asn1> {
  const wrapper = children(child(readDer(certificate), 0)).find(field => isContext(field, 3))
  const extensions = wrapper === undefined ? [] : children(child(wrapper, 0))
  return new Map(
    extensions
      .map(extension => children(extension))
      .flatMap(fields => {
        const [id, value] = [fields[0], fields.at(-1)]
        return id === undefined || value === undefined
          ? []
          : [[oid(id), readDer(octetString(value))] as const]
      })
      .reverse(),
  )
}
