/** PKCS#12's own key derivation (RFC 7292 appendix B.2). Node has no native one. */
import { hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** A digest by its Node name, with the block size `v` of appendix B.2. */
export interface Digest {
  name: string
  block: number
}

/** Appendix B.3: what the derived bytes are for. */
export const PURPOSE = { key: 1, iv: 2, mac: 3 } as const
export type Purpose = (typeof PURPOSE)[keyof typeof PURPOSE]

export interface KdfInput {
  digest: Digest
  password: Buffer
  salt: Buffer
  iterations: number
}

/** So many rounds take 1 or 2 ms; then other work gets a turn, because a TLS handshake may be in flight. */
const ROUNDS_PER_TURN = 500

export async function pkcs12Kdf(purpose: Purpose, length: number, input: KdfInput): Promise<Buffer> {
  const { block } = input.digest
  const diversifier = Buffer.alloc(block, purpose)
  let seed: Buffer = Buffer.concat([fillBlocks(input.salt, block), fillBlocks(input.password, block)])
  const output: Buffer[] = []
  for (let made = 0; made < length; ) {
    const part = await repeatHash(input.digest.name, Buffer.concat([diversifier, seed]), input.iterations)
    output.push(part)
    made += part.length
    seed = addToEachBlock(seed, fillBlocks(part, block).subarray(0, block))
  }
  return Buffer.concat(output).subarray(0, length)
}

/** `first` hashed `rounds` times over, at least once; PBKDF1 (RFC 8018 §5.1) is nothing else. */
export async function repeatHash(name: string, first: Buffer, rounds: number): Promise<Buffer> {
  let value: Buffer = hash(name, first, 'buffer')
  for (let left = rounds - 1; left > 0; left -= ROUNDS_PER_TURN) {
    const turn = Math.min(left, ROUNDS_PER_TURN)
    value = repeatTurn(name, value, turn)
    if (left > turn) await nextTurn()
  }
  return value
}

function repeatTurn(name: string, value: Buffer, rounds: number): Buffer {
  const current = Buffer.from(value)
  // As a string and back: a new Buffer each round takes twice the time.
  for (let round = 0; round < rounds; round++) current.write(hash(name, current, 'binary'), 'latin1')
  return current
}

/** Steps 2, 3 and 6.B: `bytes` repeated up to a whole number of blocks; nothing stays nothing. */
function fillBlocks(bytes: Buffer, block: number): Buffer {
  if (bytes.length === 0) return bytes
  return Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes)
}

/** Step 6.C: each block I_j becomes (I_j + B + 1) mod 2^(8v). */
function addToEachBlock(seed: Buffer, addend: Buffer): Buffer {
  const sum = Buffer.from(seed)
  for (let start = 0; start < sum.length; start += addend.length) {
    let carry = 1
    for (let index = addend.length - 1; index >= 0; index--) {
      carry += sum.readUInt8(start + index) + addend.readUInt8(index)
      sum.writeUInt8(carry & 0xff, start + index)
      carry >>= 8
    }
  }
  return sum
}
