// Programs that read P12s with a library, as signing tools do, and are not in Debian: `npm run p12-readers` builds them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './runner.ts'

const SOURCES = join(ROOT, '__tests__/support/p12-readers')
const CACHE = join(ROOT, 'node_modules/.cache/p12-readers')

/** Pinned in its go.mod and go.sum. */
export const GO_READER = { source: join(SOURCES, 'go'), program: join(CACHE, 'go') } as const

export const JAVA_READER = {
  source: join(SOURCES, 'java/ReadP12.java'),
  folder: join(CACHE, 'java'),
} as const

/** Java's own key store, and the three functions that Go programs, such as smctl, open a P12 with. */
const COMMANDS = {
  KeyStore: ['java', '-cp', JAVA_READER.folder, 'ReadP12'],
  'x/crypto': [GO_READER.program, 'x/crypto'],
  Decode: [GO_READER.program, 'Decode'],
  DecodeChain: [GO_READER.program, 'DecodeChain'],
} as const

export type LibraryReader = keyof typeof COMMANDS

export function isReader(tool: string): tool is LibraryReader {
  return tool in COMMANDS
}

export function hasReader(reader: LibraryReader): boolean {
  return existsSync(reader === 'KeyStore' ? join(JAVA_READER.folder, 'ReadP12.class') : GO_READER.program)
}

/** It reads lines with a path and a password, each in base64, and writes one line for each. */
export function readerCommand(reader: LibraryReader): readonly [string, ...string[]] {
  return COMMANDS[reader]
}
