/** What other programs write for an RSA key, its certificate and the chain: the kinds that differ most. */
import { exportWith, FRIENDLY_NAME } from './p12-exports.ts'
import type { PemFiles, Tool } from './p12-tools.ts'
import type { Writer } from './p12-writers.ts'

export interface Foreign {
  title: string
  tools: Tool[]
  password: string
  /** Whether OpenSSL 3.0, curl, Java and Go read it, as far as the password lets them. */
  asIs: boolean
  friendlyName?: string
  /** Returns the path of the file. */
  write(files: PemFiles): Promise<string>
}

const ASCII = 'Abc123def456'
const ACCENTS = 'pässwörd'
const GREEK = 'σύνθημα 🔑'

function library(
  writer: Writer,
  how: string,
  password: string,
  asIs: boolean,
  friendlyName?: string,
): Foreign {
  const tools: Tool[] = writer === 'bouncy-castle' ? [writer, 'java'] : [writer]
  const name = friendlyName === undefined ? {} : { friendlyName }
  const write = (files: PemFiles) => exportWith.library(writer, how, files, password)
  return { title: `${writer}: ${how}`, tools, password, asIs, ...name, write }
}

function program(
  title: string,
  tools: Tool[],
  password: string,
  asIs: boolean,
  write: Foreign['write'],
): Foreign {
  return { title, tools, password, asIs, friendlyName: FRIENDLY_NAME, write }
}

const OLD_NSS = [
  ['-c', 'PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC'],
  ['-C', 'PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC'],
].flat()

export const FOREIGN: Foreign[] = [
  library('bouncy-castle', 'PKCS12', ACCENTS, false, 'signing key'),
  library('bouncy-castle', 'PKCS12-3DES-3DES', ACCENTS, false, 'signing key'),
  library('bouncy-castle', 'PKCS12-AES256-AES128', ASCII, false, 'signing key'),
  library('bouncy-castle', 'PKCS12-AES256-AES128-GCM', ASCII, false, 'signing key'),
  library('bouncy-castle', 'SHA3-PRF', ASCII, false),
  library('go-pkcs12', 'LegacyRC2', ACCENTS, false),
  library('go-pkcs12', 'LegacyDES', ACCENTS, true),
  library('go-pkcs12', 'Modern2023', GREEK.slice(0, 7), true),
  library('go-pkcs12', 'Modern2026', GREEK.slice(0, 7), false),
  library('go-pkcs12', 'Passwordless', '', false),
  library('pyca', 'best', GREEK, true, 'näme 🔑'),
  library('pyca', '3des', GREEK, true, 'näme 🔑'),
  library('pyca', 'aes', GREEK, true, 'näme 🔑'),
  library('pyca', 'none', '', false, 'näme 🔑'),
  program('openssl', ['openssl'], GREEK, true, files => exportWith.openssl(files, GREEK)),
  program('openssl -legacy', ['openssl'], GREEK, false, files =>
    exportWith.openssl(files, GREEK, ['-legacy']),
  ),
  program('certtool', ['certtool'], 'pä🔑x', true, files =>
    exportWith.certtool(files, ['--password', 'pä🔑x']),
  ),
  program('pk12util', ['pk12util', 'certutil', 'openssl'], 'pä🔑x', true, files =>
    exportWith.pk12util(files, 'pä🔑x'),
  ),
  program('pk12util with its old ciphers', ['pk12util', 'certutil', 'openssl'], 'pä🔑x', false, files =>
    exportWith.pk12util(files, 'pä🔑x', OLD_NSS),
  ),
]
