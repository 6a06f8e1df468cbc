import sodium from 'libsodium-wrappers'

/**
 * Seals a secret for GitHub: libsodium's anonymous box, which only the holder of the private key opens.
 * https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api
 * @param publicKey 32 bytes in base64, as GitHub gives it
 * @returns base64
 */
export async function seal(secret: string, publicKey: string): Promise<string> {
  await sodium.ready
  const key = sodium.from_base64(publicKey, sodium.base64_variants.ORIGINAL)
  const box = sodium.crypto_box_seal(sodium.from_string(secret), key)
  return sodium.to_base64(box, sodium.base64_variants.ORIGINAL)
}
