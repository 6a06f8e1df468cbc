/** The parts of node-forge that are imported by deep path; no types exist for those. */

declare module 'node-forge/lib/util.js' {
  export interface ByteBuffer {
    getBytes(): string
  }

  const util: { createBuffer(bytes: string): ByteBuffer }
  export default util
}

declare module 'node-forge/lib/rc2.js' {
  import type { ByteBuffer } from 'node-forge/lib/util.js'

  interface Rc2Cipher {
    output: ByteBuffer
    start(iv: string): void
    update(input: ByteBuffer): void
    finish(): boolean
  }

  const rc2: { createDecryptionCipher(key: string, effectiveBits: number): Rc2Cipher }
  export default rc2
}
