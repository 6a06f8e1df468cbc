/** Passes a P12 to the programs that jobs use. */
import { expect } from '@jest/globals'
import { type LibraryReader, readerCommand } from './p12-library-readers.ts'
import {
  curlWith,
  fingerprintServer,
  fingerprints,
  isInstalled,
  runOk,
  scratch,
  type Tool,
} from './p12-tools.ts'

export interface Exported {
  path: string
  password: string
  /** SHA-256 of the leaf: lower-case hex without colons. */
  fingerprint: string
}

type Protected = Omit<Exported, 'fingerprint'>

const PROGRAMS = {
  async openssl({ path, password }: Protected): Promise<string[]> {
    const text = await runOk('openssl', ['pkcs12', '-in', path, '-passin', `pass:${password}`, '-noenc'])
    expect(text).toContain('PRIVATE KEY-----')
    return fingerprints(text)
  },
  async curl({ path, password }: Protected): Promise<string[]> {
    const server = await fingerprintServer()
    const { text } = await curlWith(path, password, server.url)
    server.close()
    return [text]
  },
  async keytool({ path, password }: Protected): Promise<string[]> {
    const text = await runOk('keytool', ['-list', '-rfc', '-keystore', path, '-storepass', password])
    expect(text).toContain('PrivateKeyEntry')
    return fingerprints(text)
  },
  async certtool({ path, password }: Protected): Promise<string[]> {
    const secret = password === '' ? ['--empty-password'] : ['--password', password]
    return fingerprints(await runOk('certtool', ['--p12-info', '--inder', '--infile', path, ...secret]))
  },
  async pk12util({ path, password }: Protected): Promise<string[]> {
    const folder = scratch('nss')
    await runOk('mkdir', [folder])
    const database = ['-d', `sql:${folder}`]
    await runOk('certutil', ['-N', ...database, '--empty-password'])
    await runOk('pk12util', ['-i', path, ...database, '-W', password, '-K', ''])
    const [, name = ''] =
      /^< *\d+> +\S+ +\S+ +(?:NSS Certificate DB:)?(.+)$/m.exec(
        await runOk('certutil', ['-K', ...database]),
      ) ?? []
    return fingerprints(await runOk('certutil', ['-L', ...database, '-n', name, '-a']))
  },
  KeyStore: (file: Protected) => readByLibrary('KeyStore', [file]),
  'x/crypto': (file: Protected) => readByLibrary('x/crypto', [file]),
  Decode: (file: Protected) => readByLibrary('Decode', [file]),
  DecodeChain: (file: Protected) => readByLibrary('DecodeChain', [file]),
}

export type Reader = keyof typeof PROGRAMS

/** These also accept a P12 with its chain. */
export const WITH_CHAIN: Reader[] = [
  'openssl',
  'curl',
  'keytool',
  'certtool',
  'pk12util',
  'KeyStore',
  'DecodeChain',
]

/** Of each file the SHA-256 of the leaf, or "refused: " and why. */
export async function readByLibrary(reader: LibraryReader, files: Protected[]): Promise<string[]> {
  const [command, ...args] = readerCommand(reader)
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const lines = files.map(({ path, password }) => `${base64(path)} ${base64(password)}\n`)
  return (await runOk(command, args, lines.join(''))).trim().split('\n')
}

/** Each has to find the leaf; programs that are missing, or cannot take such a password, are skipped. */
export async function expectReadBy(readers: Reader[], file: Exported): Promise<void> {
  for (const reader of readers.filter(isAvailable)) {
    if (!takes(reader, file.password)) continue
    const found = (await PROGRAMS[reader](file)).map(print => print.replaceAll(':', '').toLowerCase())
    expect({ reader, found }).toEqual({ reader, found: expect.arrayContaining([file.fingerprint]) })
  }
}

/** Java accepts printable ASCII, Go the Basic Multilingual Plane. */
export function takes(reader: Reader, password: string): boolean {
  if (reader === 'keytool' || reader === 'KeyStore') return /^[ -~]*$/.test(password)
  return !isGo(reader) || /^[\0-\uffff]*$/u.test(password)
}

const isGo = (reader: Reader): boolean => ['x/crypto', 'Decode', 'DecodeChain'].includes(reader)

function isAvailable(reader: Reader): boolean {
  const needs: Tool[] = reader === 'pk12util' ? ['pk12util', 'certutil'] : [reader]
  return needs.every(isInstalled)
}
