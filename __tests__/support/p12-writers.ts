// Programs that write P12s and are not in Debian: `npm run p12-writers` fetches the libraries and builds them.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT } from './runner.ts'

export type Writer = 'bouncy-castle' | 'go-pkcs12' | 'pyca'

const SOURCES = join(ROOT, '__tests__/support/p12-writers')
const CACHE = join(ROOT, 'node_modules/.cache/p12-writers')

/** Maven Central's, by their SHA-256. */
const JARS = {
  'bcprov-jdk18on': '249f396412b0c0ce67f25c8197da757b241b8be3ec4199386c00704a2457459b',
  'bcutil-jdk18on': '31a5fe3a7ba42e3457b83930f0ff8d679fb5b76eaadf2b51f5740c92a394bf52',
  'bcpkix-jdk18on': 'b38c604871f3690109a3c00982d9145634125de3365a817ba16eb90d88e242c9',
}

export const BOUNCY_CASTLE = {
  version: '1.81',
  jars: JARS,
  source: join(SOURCES, 'bouncy-castle/WriteP12.java'),
  folder: join(CACHE, 'bouncy-castle'),
} as const

/** Pinned in its go.mod and go.sum. */
export const GO_PKCS12 = { source: join(SOURCES, 'go-pkcs12'), program: join(CACHE, 'go-pkcs12') } as const

/** Pinned in its requirements.txt. */
export const PYCA = {
  requirements: join(SOURCES, 'pyca/requirements.txt'),
  source: join(SOURCES, 'pyca/write.py'),
  folder: join(CACHE, 'pyca'),
} as const

/** @throws Error when a jar is not what its authors published */
export function hasJars(): boolean {
  return Object.entries(JARS).every(([name, sha256]) => {
    const jar = jarPath(name)
    if (!existsSync(jar)) return false
    const found = createHash('sha256').update(readFileSync(jar)).digest('hex')
    if (found === sha256) return true
    throw new Error(`${jar} has the SHA-256 ${found}, not ${sha256}: delete it`)
  })
}

function jarPath(name: string): string {
  return join(BOUNCY_CASTLE.folder, `${name}-${BOUNCY_CASTLE.version}.jar`)
}

export function classPath(): string {
  return [BOUNCY_CASTLE.folder, ...Object.keys(JARS).map(jarPath)].join(delimiter)
}

export function hasWriter(writer: Writer): boolean {
  if (writer === 'go-pkcs12') return existsSync(GO_PKCS12.program)
  if (writer === 'pyca') return existsSync(join(PYCA.folder, 'complete'))
  return hasJars() && existsSync(join(BOUNCY_CASTLE.folder, 'WriteP12.class'))
}

/** The program and its first arguments; how, key, certificate, chain and output follow, the password comes on stdin. */
export function writerCommand(writer: Writer): [string, ...string[]] {
  if (writer === 'go-pkcs12') return [GO_PKCS12.program]
  if (writer === 'pyca') return ['python3', PYCA.source, PYCA.folder]
  return ['java', '-cp', classPath(), 'WriteP12']
}
