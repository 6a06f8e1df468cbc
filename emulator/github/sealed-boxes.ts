import { randomInt } from 'node:crypto'
import sodium from 'libsodium-wrappers'

/** A scope's key pair: anybody can seal with the public key, only this side opens. */
export interface BoxKey {
  /** decimal digits, as GitHub's */
  id: string
  /** base64 */
  publicKey: string
  /** @throws Error when the box was sealed for another key, or is not a sealed box */
  open(box: string): Buffer
}

/** Has to be done once before the first key. */
export async function prepareSealedBoxes(): Promise<void> {
  await sodium.ready
}

export function createBoxKey(): BoxKey {
  const { publicKey, privateKey } = sodium.crypto_box_keypair()
  const base64 = sodium.base64_variants.ORIGINAL
  return {
    id: `${randomInt(1, 10)}${String(randomInt(2 ** 47)).padStart(15, '0')}`,
    publicKey: sodium.to_base64(publicKey, base64),
    open: box =>
      Buffer.from(sodium.crypto_box_seal_open(sodium.from_base64(box, base64), publicKey, privateKey)),
  }
}
