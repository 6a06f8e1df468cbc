/** RC2-CBC. Its 28 kB are a part of their own: V8 takes a millisecond for each 16 kB of a bundle, and few P12s need it. */
export async function decryptRc2(
  key: Buffer,
  effectiveBits: number,
  iv: Buffer,
  ciphertext: Buffer,
): Promise<Buffer> {
  const part = await import(/* webpackIgnore: true */ '../parts/rc2/index.ts')
  return part.decryptRc2(key, effectiveBits, iv, ciphertext)
}
