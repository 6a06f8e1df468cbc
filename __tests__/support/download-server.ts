// A stand-in for DigiCert's download server, with a stand-in for smctl: real TLS, on 127.0.0.1.
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testOn } from './platform.ts'
import { startTlsServer, type TlsServer } from './tls-server.ts'

/**
 * Tests that run the bundle, which installs what is for the machine that it runs on. Other platforms are in
 * `integration/smctl-is-installed-on-every-platform.test.ts`.
 */
export const testOnLinux = testOn('Linux on x64', 'it tests the smctl for Linux on x64')
/** Tests with shell scripts as stand-ins for programs. */
export const testWithShell = testOn('POSIX', 'Windows runs no shell scripts as programs')

/** Where DigiCert has it. */
export const FOLDER = '/stm/latest'

export interface DownloadServer extends TlsServer {
  /** `localhost:<port>`, as `smctl-mirror` takes it. */
  host: string
  /** What is at which path: bytes, or a handler. */
  files: Map<string, Buffer | string | RequestListener>
  /** Publishes a file and its checksum. */
  publish(name: string, content: Buffer, folder?: string): void
}

export async function startDownloadServer(): Promise<DownloadServer> {
  const files: DownloadServer['files'] = new Map()
  const server = await startTlsServer((request, response) => {
    const found = files.get(request.url ?? '')
    if (typeof found === 'function') return found(request, response)
    response.writeHead(found === undefined ? 404 : 200).end(found ?? 'not here')
  })
  return Object.assign(server, {
    host: `localhost:${server.port}`,
    files,
    publish: (name: string, content: Buffer, folder = FOLDER) => {
      files.set(`${folder}/${name}`, content)
      files.set(`${folder}/${name}.sha256`, `${sha256(content)}  ${name}\n`)
    },
  })
}

/** A program that says which version it is. */
export function program(version: string): Buffer {
  return Buffer.from(`#!/bin/sh\necho "smctl ${version} $*"\n`)
}

/** Bytes that come in many pieces. */
export function largeProgram(version: string): Buffer {
  return Buffer.concat([program(version), Buffer.from('exit\n'), randomBytes(3_000_000)])
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A directory that is deleted after the tests: a runner's tool cache, or a place for programs. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tools ä-'))
  folders.push(folder)
  return folder
}

/** Puts an executable script into a folder. */
export function script(folder: string, name: string, lines: string[]): void {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, name)
  writeFileSync(path, `${['#!/bin/sh', ...lines].join('\n')}\n`)
  chmodSync(path, 0o700)
}
