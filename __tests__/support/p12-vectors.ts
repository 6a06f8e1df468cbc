/** P12s that other people published, in the folder next to this file; its README says who. */
import { readFileSync } from 'node:fs'

export interface FileVector {
  file: string
  password: string
  commonName: string
  /** How many certificates issued the leaf; anything else in the file does not count. */
  chain?: number
  friendlyName?: string
  keyType?: string
  /** Whether OpenSSL 3.0, curl, Java and Go read it, as far as its key lets them. */
  asIs?: boolean
}

const PKITS = 'Valid EE Certificate Test1'
const PYCA = 'cryptography CA'

export const FILE_VECTORS: FileVector[] = [
  { file: 'windows-3des', password: 'password', commonName: PKITS },
  { file: 'windows-aes', password: 'password', commonName: PKITS },
  { file: 'macos', password: 'password', commonName: PKITS, asIs: false },
  { file: 'firefox', password: 'password', commonName: PKITS, asIs: false },
  { file: 'openssl-blake2-mac', password: '1234', commonName: '...', asIs: false },
  { file: 'java-secret-keys', password: 'changeit', commonName: 'dlp-application', chain: 2 },
  {
    file: 'java-unicode-name',
    password: 'password',
    commonName: PYCA,
    friendlyName: '☺',
    keyType: 'ec',
  },
  { file: 'ed448', password: 'changeit', commonName: 'example.com', keyType: 'ed448' },
  { file: 'rc2-3des-ec', password: 'cryptography', commonName: PYCA, keyType: 'ec', asIs: false },
  { file: 'no-password', password: '', commonName: PYCA, keyType: 'ec', asIs: false },
  { file: 'rfc9879-a2', password: '1234', commonName: 'tt', asIs: false },
  { file: 'rfc9879-a3', password: '1234', commonName: 'tt', asIs: false },
]

export function readVector(file: string): Buffer {
  return readFileSync(new URL(`p12-vectors/${file}.p12`, import.meta.url))
}

/** With 600,000 iterations, six times over. */
export const SLOW_VECTORS = new Set(['firefox'])
