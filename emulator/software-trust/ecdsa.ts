import { createECDH, type KeyObject } from 'node:crypto'
import { Integer, Sequence } from 'asn1js'

/** Order of the group, by Node's name for the curve (SP 800-186 §3.2.1). */
const ORDERS: Record<string, bigint> = {
  prime256v1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  secp384r1:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
}

/**
 * ECDSA over an existing hash (FIPS 186-5 §6.4.1), as a DER Ecdsa-Sig-Value: `crypto.sign` would hash it once more. Curve
 * operations are left to Node: the ephemeral key of the signature is an ECDH key. Not in constant time, which a key that
 * protects nothing does not need.
 */
export function signByEcdsa(key: KeyObject, hash: Buffer): Buffer {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? ''
  const order = ORDERS[curve]
  if (order === undefined) throw new Error(`cannot sign on the curve ${curve}`)
  const d = integerOf(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'))
  const ephemeral = createECDH(curve)
  const point = ephemeral.generateKeys()
  const k = integerOf(ephemeral.getPrivateKey())
  const r = integerOf(point.subarray(1, 1 + (point.length - 1) / 2)) % order
  const s = (power(k, order - 2n, order) * (leftmostBits(hash, order) + r * d)) % order
  const value = new Sequence({ value: [Integer.fromBigInt(r), Integer.fromBigInt(s)] })
  return Buffer.from(value.toBER())
}

/** As many bits of the hash as the order has. For both curves and all hashes, these are whole bytes. */
function leftmostBits(hash: Buffer, order: bigint): bigint {
  return integerOf(hash.subarray(0, order.toString(16).length / 2))
}

/** k to the power of n − 2 is its inverse modulo a prime n (Fermat). */
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

function integerOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`)
}
