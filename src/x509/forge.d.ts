/** The parts of node-forge that are imported by deep path (all of forge costs six times the load time); no types exist for those. */

declare module 'node-forge/lib/asn1.js' {
  export interface Asn1 {
    tagClass: number
    type: number
    constructed: boolean
    /** Child values when constructed, else the content as a binary string. */
    value: string | Asn1[]
  }

  interface ByteBuffer {
    length(): number
    getBytes(): string
  }

  interface ParseOptions {
    strict: boolean
    parseAllBytes: boolean
    decodeBitStrings: boolean
    maxDepth: number
  }

  const asn1: {
    Class: { UNIVERSAL: number; CONTEXT_SPECIFIC: number }
    Type: {
      INTEGER: number
      BITSTRING: number
      OCTETSTRING: number
      NULL: number
      OID: number
      UTF8: number
      SEQUENCE: number
      SET: number
      PRINTABLESTRING: number
      BMPSTRING: number
    }
    create(tagClass: number, type: number, constructed: boolean, value: string | Asn1[]): Asn1
    fromDer(bytes: ByteBuffer, options: ParseOptions): Asn1
    toDer(value: Asn1): ByteBuffer
    oidToDer(oid: string): ByteBuffer
    derToOid(bytes: string): string
  }
  export default asn1
}

declare module 'node-forge/lib/util.js' {
  import type { ByteBuffer } from 'node-forge/lib/asn1.js'

  const util: { createBuffer(bytes: string): ByteBuffer }
  export default util
}

declare module 'node-forge/lib/rc2.js' {
  import type { ByteBuffer } from 'node-forge/lib/asn1.js'

  interface Rc2Cipher {
    output: ByteBuffer
    start(iv: string): void
    update(input: ByteBuffer): void
    finish(): boolean
  }

  const rc2: { createDecryptionCipher(key: string, effectiveBits: number): Rc2Cipher }
  export default rc2
}
