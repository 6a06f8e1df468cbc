/** Hands a P12 to the programs that jobs use. */
import { expect } from '@jest/globals'
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

const READERS = {
  async openssl({ path, password }: Exported): Promise<string[]> {
    const text = await runOk('openssl', ['pkcs12', '-in', path, '-passin', `pass:${password}`, '-noenc'])
    expect(text).toContain('PRIVATE KEY-----')
    return fingerprints(text)
  },
  async curl({ path, password }: Exported): Promise<string[]> {
    const server = await fingerprintServer()
    const { text } = await curlWith(path, password, server.url)
    server.close()
    return [text]
  },
  async keytool({ path, password }: Exported): Promise<string[]> {
    const text = await runOk('keytool', ['-list', '-rfc', '-keystore', path, '-storepass', password])
    expect(text).toContain('PrivateKeyEntry')
    return fingerprints(text)
  },
  async certtool({ path, password }: Exported): Promise<string[]> {
    const secret = password === '' ? ['--empty-password'] : ['--password', password]
    return fingerprints(await runOk('certtool', ['--p12-info', '--inder', '--infile', path, ...secret]))
  },
  async pk12util({ path, password }: Exported): Promise<string[]> {
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
}

export type Reader = keyof typeof READERS

/** Each has to find the leaf; programs that are missing are left out, and keytool where it cannot type the password. */
export async function expectReadBy(readers: Reader[] | 'all', file: Exported): Promise<void> {
  const chosen = readers === 'all' ? (Object.keys(READERS) as Reader[]) : readers
  for (const reader of chosen.filter(isAvailable)) {
    // Java 17 says "password was incorrect" to any that is not ASCII on its command line.
    if (reader === 'keytool' && !/^[ -~]*$/.test(file.password)) continue
    const found = (await READERS[reader](file)).map(print => print.replaceAll(':', '').toLowerCase())
    expect({ reader, found }).toEqual({ reader, found: expect.arrayContaining([file.fingerprint]) })
  }
}

function isAvailable(reader: Reader): boolean {
  const needs: Tool[] = reader === 'pk12util' ? ['pk12util', 'certutil'] : [reader]
  return needs.every(isInstalled)
}
