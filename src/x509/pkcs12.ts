/** PKCS#12 files: the stored ones that users bring, and the ones the action writes. */
export { decodePkcs12, type Pkcs12 } from './pkcs12/decode.ts'
export { type Pkcs12Contents, preparePkcs12 } from './pkcs12/encode.ts'
export type { Encryption } from './pkcs12/pbe-encrypt.ts'
export { type Portability, passwordObstacles } from './pkcs12/portability.ts'
export type { Obstacle, Reader } from './pkcs12/readers.ts'
