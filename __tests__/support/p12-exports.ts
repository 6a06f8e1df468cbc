/** P12s of a key and its certificates, written by other programs. Each returns the path of the file. */
import { readFileSync } from 'node:fs'
import { type PemFiles, runOk, scratch, scratchFile } from './p12-tools.ts'
import { type Writer, writerCommand } from './p12-writers.ts'

export const FRIENDLY_NAME = 'Signing Service'

async function openssl(files: PemFiles, password: string, options: string[] = []): Promise<string> {
  const path = scratch('openssl.p12')
  const input = ['-inkey', files.key, '-in', files.certificate, '-certfile', files.chain]
  const output = ['-out', path, '-passout', `pass:${password}`, '-name', FRIENDLY_NAME]
  await runOk('openssl', ['pkcs12', '-export', ...input, ...output, ...options])
  return path
}

/** `options` contains the password: certtool distinguishes an empty one from none. */
async function certtool(files: PemFiles, options: string[]): Promise<string> {
  const path = scratch('certtool.p12')
  const certificates = scratchFile(
    'certificates.pem',
    readFileSync(files.certificate, 'utf8') + readFileSync(files.chain, 'utf8'),
  )
  const input = ['--load-privkey', files.key, '--load-certificate', certificates]
  const output = ['--p12-name', FRIENDLY_NAME, '--outder', '--outfile', path]
  await runOk('certtool', ['--to-p12', ...input, ...output, ...options])
  return path
}

/** NSS only exports what is in a database. */
async function pk12util(files: PemFiles, password: string, options: string[] = []): Promise<string> {
  const folder = scratch('nss')
  const database = ['-d', `sql:${folder}`]
  await runOk('mkdir', [folder])
  await runOk('certutil', ['-N', ...database, '--empty-password'])
  await runOk('pk12util', ['-i', await openssl(files, 'import'), ...database, '-W', 'import', '-K', ''])
  const path = scratch('nss.p12')
  const output = ['-o', path, '-n', FRIENDLY_NAME, '-W', password, '-K', '']
  await runOk('pk12util', [...output, ...database, ...options])
  return path
}

async function library(writer: Writer, how: string, files: PemFiles, password: string): Promise<string> {
  const path = scratch(`${writer}.p12`)
  const [command, ...first] = writerCommand(writer)
  await runOk(command, [...first, how, files.key, files.certificate, files.chain, path], password)
  return path
}

export const exportWith = { openssl, certtool, pk12util, library }
