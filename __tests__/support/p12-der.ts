/** DER and BER by hand, so that tests build files without the code that they test. */

export function tlv(tag: number, ...contents: Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const hex = length.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

/** Indefinite length (X.690 §8.1.3.6). */
export function indefinite(tag: number, ...contents: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([tag, 0x80]), ...contents, Buffer.from([0, 0])])
}

/** An OCTET STRING (or, with another tag, an implicit one) cut into pieces. */
export function chopped(bytes: Buffer, size: number, tag = 0x24): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(tlv(0x04, bytes.subarray(at, at + size)))
  return indefinite(tag, ...pieces)
}

export const seq = (...contents: Buffer[]): Buffer => tlv(0x30, ...contents)
export const set = (...contents: Buffer[]): Buffer => tlv(0x31, ...contents)
export const octet = (bytes: Buffer): Buffer => tlv(0x04, bytes)
export const nul = (): Buffer => tlv(0x05)
export const explicit = (tag: number, ...contents: Buffer[]): Buffer => tlv(0xa0 | tag, ...contents)
export const bits = (bytes: Buffer): Buffer => tlv(0x03, Buffer.from([0]), bytes)
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text))
export const bmp = (text: string): Buffer => tlv(0x1e, Buffer.from(text, 'utf16le').swap16())

export function int(value: number | bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return tlv(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes)
}

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap(arc => {
    const base128 = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      base128.unshift((left % 128) | 0x80)
    return base128
  })
  return tlv(0x06, Buffer.from(bytes))
}
