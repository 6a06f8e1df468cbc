/**
 * SHA-1 over and over, for PKCS#12's key derivation alone: what OpenSSL's takes longest for is the way from JavaScript
 * to it and back. Firefox and NSS ask for 600,000 rounds six times over.
 */

/** FIPS 180-4 §6.1.2, `rounds` times, each over the digest that the one before made. */
export function repeatSha1(digest: Buffer, rounds: number): Buffer {
  const words = new Int32Array(80)
  for (let index = 0; index < 5; index++) words[index] = digest.readInt32BE(index * 4)
  for (let round = 0; round < rounds; round++) compress(words)
  const output = Buffer.alloc(20)
  for (let index = 0; index < 5; index++) output.writeInt32BE(at(words, index), index * 4)
  return output
}

/** Turns the digest in the first five words into the digest of it. */
function compress(words: Int32Array): void {
  pad(words)
  let a = 0x67452301
  let b = 0xefcdab89 | 0
  let c = 0x98badcfe | 0
  let d = 0x10325476
  let e = 0xc3d2e1f0 | 0
  for (let t = 0; t < 80; t++) {
    const next = (((a << 5) | (a >>> 27)) + mix(t, b, c, d) + e + at(words, t)) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  words[0] = a + 0x67452301
  words[1] = b + 0xefcdab89
  words[2] = c + 0x98badcfe
  words[3] = d + 0x10325476
  words[4] = e + 0xc3d2e1f0
}

/** §5.1.1 and step 1: a block of twenty bytes, the padding and their length in bits, and what grows from it. */
function pad(words: Int32Array): void {
  words[5] = 0x80000000
  for (let t = 6; t < 15; t++) words[t] = 0
  words[15] = 160
  for (let t = 16; t < 80; t++) {
    const mixed = at(words, t - 3) ^ at(words, t - 8) ^ at(words, t - 14) ^ at(words, t - 16)
    words[t] = (mixed << 1) | (mixed >>> 31)
  }
}

/** §4.1.1 and §4.2.1: the function and the constant of each twenty steps. */
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return (((b & c) ^ (~b & d)) + 0x5a827999) | 0
  if (t < 40) return ((b ^ c ^ d) + 0x6ed9eba1) | 0
  if (t < 60) return (((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc) | 0
  return ((b ^ c ^ d) + 0xca62c1d6) | 0
}

/** No index here goes beyond the end; the type does not know. */
const at = (words: Int32Array, index: number): number => words[index] as number
