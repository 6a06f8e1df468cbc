import sodium from 'libsodium-wrappers'

/**
 * Seals a secret for GitHub: libsodium's anonymous box, which only the holder of the private key opens.
 * https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api
 * @param publicKey 32 bytes in base64, as GitHub gives it
 * @returns base64; undefined for a key that no box can be sealed for, such as one of zeros
 */
export async function seal(secret: string, publicKey: string): Promise<string | undefined> {
  await sodium.ready
  const key = sodium.from_base64(publicKey, sodium.base64_variants.ORIGINAL)
  const box = boxFor(key, sodium.from_string(secret))
  return box && sodium.to_base64(box, sodium.base64_variants.ORIGINAL)
}

function boxFor(key: Uint8Array, secret: Uint8Array): Uint8Array | undefined {
  try {
    return sodium.crypto_box_seal(secret, key)
  } catch {
    return undefined
  }
}
