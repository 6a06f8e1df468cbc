/** P12s in the files beside this one; their README says who made them. */
import { readFileSync } from 'node:fs'

export interface FileVector {
  file: string
  password: string
  commonName: string
  /** How many certificates besides the leaf. */
  chain?: number
  /** Those did not issue the leaf. */
  unrelated?: boolean
  friendlyName?: string
  keyType?: string
  /** Whether OpenSSL 3.0 reads it as it is. */
  openssl3?: boolean
}

const PKITS = 'Valid EE Certificate Test1'
const PYCA = 'cryptography CA'

export const FILE_VECTORS: FileVector[] = [
  { file: 'windows-3des', password: 'password', commonName: PKITS },
  { file: 'windows-aes', password: 'password', commonName: PKITS },
  { file: 'macos', password: 'password', commonName: PKITS, openssl3: false },
  { file: 'firefox', password: 'password', commonName: PKITS, openssl3: false },
  { file: 'openssl-blake2-mac', password: '1234', commonName: '...' },
  { file: 'openssl-rsa-pss', password: 'p', commonName: 'pss', keyType: 'rsa-pss' },
  { file: 'java-secret-keys', password: 'changeit', commonName: 'dlp-application', chain: 2 },
  {
    file: 'java-unicode-name',
    password: 'password',
    commonName: PYCA,
    chain: 2,
    friendlyName: '☺',
    keyType: 'ec',
    unrelated: true,
  },
  { file: 'java-25', password: 'changeit', commonName: 'jdk25', friendlyName: 's' },
  { file: 'java-25-legacy', password: 'changeit', commonName: 'jdk25', friendlyName: 's', openssl3: false },
  { file: 'ed448', password: 'changeit', commonName: 'example.com', keyType: 'ed448' },
  { file: 'rc2-3des-ec', password: 'cryptography', commonName: PYCA, keyType: 'ec', openssl3: false },
  { file: 'no-password', password: '', commonName: PYCA, keyType: 'ec', openssl3: false },
  {
    file: 'bouncy-castle-ber',
    password: 'pässwörd',
    commonName: 'BC leaf',
    chain: 1,
    friendlyName: 'signing key',
  },
  { file: 'bouncy-castle-gcm', password: 'Abc123def456', commonName: 'BC leaf', chain: 1, openssl3: false },
  {
    file: 'bouncy-castle-sha3-prf',
    password: 'Abc123def456',
    commonName: 'BC leaf',
    chain: 1,
    friendlyName: 'bc built',
    openssl3: false,
  },
  {
    file: 'go-legacy-rc2',
    password: 'pässwörd',
    commonName: 'Go leaf',
    chain: 1,
    keyType: 'ed25519',
    openssl3: false,
  },
  {
    file: 'go-modern2026',
    password: 'σύνθημα',
    commonName: 'Go leaf',
    chain: 1,
    keyType: 'ec',
    openssl3: false,
  },
  { file: 'pyca-emoji', password: 'σύνθημα 🔑', commonName: 'py leaf', chain: 1, friendlyName: 'näme 🔑' },
  { file: 'pyca-brainpool', password: 'Abc123def456', commonName: 'py leaf', chain: 1, keyType: 'ec' },
  { file: 'nss-emoji', password: 'pä🔑x', commonName: 'ossl', friendlyName: 'n', openssl3: false },
  { file: 'gnutls-emoji', password: 'pä🔑x', commonName: 'ossl' },
  { file: 'rfc9879-a2', password: '1234', commonName: 'tt', openssl3: false },
  { file: 'rfc9879-a3', password: '1234', commonName: 'tt', openssl3: false },
]

export function readVector(file: string): Buffer {
  return readFileSync(new URL(`p12-vectors/${file}.p12`, import.meta.url))
}

/** With 50,000 iterations and more, each three to six times over. */
export const SLOW_VECTORS = new Set([
  'firefox',
  'nss-emoji',
  'gnutls-emoji',
  'java-25-legacy',
  'bouncy-castle-ber',
  'bouncy-castle-gcm',
])
