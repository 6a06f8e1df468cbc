/** What the first bytes, and one OID, tell of a P12 before it is opened. */

/** SEQUENCE { INTEGER 3, …: RFC 7292 §4. Another version is one only where a PKCS#7 content follows, as in no key. */
export function looksLikePfx(bytes: Buffer): boolean {
  const start = bytes.toString('hex', 0, 32)
  return (
    /^30(8[1-4](..){1,4}?|..)020103/.test(start) ||
    /^30(8[0-4](..){0,4}?|..)0201..30(8[0-4](..){0,4}?|..)06092a864886f70d0107/.test(start)
  )
}

/** The OIDs of a keyBag and a secretBag, whose content is not encrypted (RFC 7292 §4.2.1, §4.2.5), in DER. */
const PLAIN_BAGS = ['060b2a864886f70d010c0a0101', '060b2a864886f70d010c0a0105']

/** Whether these bytes are a P12 in which no key and no secret can be read without a password. */
export function isSealed(bytes: Buffer): boolean {
  return looksLikePfx(bytes) && !PLAIN_BAGS.some(oid => bytes.includes(oid, 0, 'hex'))
}
