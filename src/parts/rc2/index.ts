/** RC2 (RFC 2268), which Node does not have and node-forge has. Loaded when a P12 is protected with it. */
import rc2 from 'node-forge/lib/rc2.js'
import util from 'node-forge/lib/util.js'

/** forge takes quadratic time over what it is given at once: a minute for 1 MiB. */
const PIECE = 4096

/** RC2-CBC with its padding. Throws, or returns nonsense, when the key is wrong. */
export function decryptRc2(key: Buffer, effectiveBits: number, iv: Buffer, ciphertext: Buffer): Buffer {
  const cipher = rc2.createDecryptionCipher(key.toString('latin1'), effectiveBits)
  const pieces: Buffer[] = []
  for (let at = 0, chained = iv; at === 0 || at < ciphertext.length; at += PIECE) {
    const piece = ciphertext.subarray(at, at + PIECE)
    // As bytes, because forge's strings take fifty times the memory.
    if (at > 0) pieces.push(Buffer.from(cipher.output.getBytes(), 'latin1'))
    cipher.start(chained.toString('latin1'))
    cipher.update(util.createBuffer(piece.toString('latin1')))
    chained = piece.subarray(-8)
  }
  // The padding is at the end of what the cipher still has.
  if (!cipher.finish()) throw new Error('bad decrypt')
  return Buffer.concat([...pieces, Buffer.from(cipher.output.getBytes(), 'latin1')])
}
