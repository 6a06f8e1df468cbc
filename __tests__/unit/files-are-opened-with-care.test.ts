// What an input or the environment names may be anything: it must be read within limits, or refused with the right message.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve, sep } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readInputFile, requireTrustFiles } from '../../src/files.ts'
import { testOn } from '../support/platform.ts'

const folder = mkdtempSync(join(tmpdir(), 'files-with-care-'))
const at = (name: string) => join(folder, name)
const socket = createServer()

beforeAll(async () => {
  if (process.platform === 'win32') return
  execFileSync('mkfifo', [at('fifo')])
  await new Promise<void>(resolve => socket.listen(at('socket'), resolve))
  for (const name of ['fifo', 'socket']) symlinkSync(at(name), at(`link-to-${name}`))
  symlinkSync('/dev/zero', at('link-to-device'))
  symlinkSync(at('loop'), at('loop'))
})
afterAll(() => {
  socket.close()
  rmSync(folder, { recursive: true })
})

const posixTest = testOn('POSIX', 'Windows has none of these in its file system')

function refusal(reason: string, why: string) {
  return {
    code: 'FILE_READ',
    message: expect.stringMatching(
      `^The file that 'p12-file' names cannot be read \\(${reason}\\): ${sep === '/' ? '/' : '[A-Z]:'}.+\\.$`,
    ),
    why,
    fix: expect.stringContaining("Check the path in 'p12-file'."),
  }
}

const PIPE = refusal('named pipe', 'The path leads to a named pipe (FIFO), not to a file.')
const SOCKET = refusal('ENXIO', 'The path leads to a socket or a device, not to a file.')
const DEVICE = refusal('device', 'The path leads to a device, not to a file.')

describe('an input that names', () => {
  posixTest.each([
    ['a named pipe', at('fifo'), PIPE],
    ['a link to one', at('link-to-fifo'), PIPE],
    ['a socket', at('socket'), SOCKET],
    ['a link to one', at('link-to-socket'), SOCKET],
    ['a device without an end', '/dev/zero', DEVICE],
    ['another', '/dev/urandom', DEVICE],
    ['one without a beginning', '/dev/null', DEVICE],
    ['a link to one', at('link-to-device'), DEVICE],
    ['a directory', folder, refusal('EISDIR', 'The path leads to a directory, not to a file.')],
    [
      'a link to itself',
      at('loop'),
      refusal('ELOOP', 'The path is a symbolic link that leads back to itself.'),
    ],
  ])('%s is refused at once', (_name, path, words) => {
    const begun = performance.now()
    expect(thrownBy(() => readInputFile('p12-file', path))).toMatchObject(words)
    expect(performance.now() - begun).toBeLessThan(1000)
  })

  test('refuses a file of 10 GB by its size', () => {
    writeFileSync(at('sparse'), '')
    truncateSync(at('sparse'), 10_000_000_000)
    expect(thrownBy(() => readInputFile('p12-file', at('sparse')))).toMatchObject(
      refusal('too large', 'The file is larger than 8 MiB, so it is not what this input takes.'),
    )
  })

  test('reads a file of 8 MiB, but not one byte more', () => {
    const most = 8 * 1024 * 1024
    writeFileSync(at('large'), Buffer.alloc(most, 'x'))
    expect(readInputFile('p12-file', at('large'))).toHaveLength(most)
    writeFileSync(at('large'), 'x', { flag: 'a' })
    expect(thrownBy(() => readInputFile('p12-file', at('large')))).toMatchObject({ code: 'FILE_READ' })
  })
})

const procTest = testOn('Linux', "/proc is Linux's")

procTest('reads a file of /proc, whose size says nothing, to its end', () => {
  expect(readInputFile('p12-file', '/proc/self/status').toString()).toMatch(/^VmSize:/m)
})

describe("the paths where OpenSSL reads the system's trust anchors", () => {
  posixTest.each([
    ['SSL_CERT_FILE', 'fifo', at('fifo')],
    ['SSL_CERT_FILE', 'link-to-device', at('link-to-device')],
    ['SSL_CERT_DIR', 'fifo', folder],
    ['SSL_CERT_DIR', 'fifo, second', ['/nowhere', folder].join(delimiter)],
  ])('%s that leads to a %s is refused before Node waits for it', (variable, _kind, path) => {
    expect(thrownBy(() => requireTrustFiles({ [variable]: path }))).toMatchObject({
      code: 'FILE_READ',
      message: expect.stringMatching(
        new RegExp(
          `^A file of CA certificates that ${variable} names cannot be read \\((named pipe|device|socket)\\)\\.$`,
        ),
      ),
      why: expect.stringMatching(/^The path leads to a .*, not to a file\.$/),
      fix: expect.stringContaining(`Correct ${variable}`),
    })
  })

  test('leaves files, directories and missing paths to OpenSSL', () => {
    mkdirSync(at('certs'))
    writeFileSync(at('certs/a.pem'), '')
    requireTrustFiles({
      SSL_CERT_FILE: at('certs/a.pem'),
      SSL_CERT_DIR: [at('certs'), at('none')].join(delimiter),
    })
    requireTrustFiles({ SSL_CERT_FILE: at('none') })
    requireTrustFiles({})
  })
})

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

test.each(['certs/client.p12', './client', '../client.p12', 'client.p12', join(folder, 'ä b.p12')])(
  'shows the path %s as it was resolved',
  path => {
    expect(thrownBy(() => readInputFile('p12-file', path))).toMatchObject({
      code: 'FILE_READ',
      message: `The file that 'p12-file' names cannot be read (ENOENT): ${resolve(path)}.`,
    })
  },
)

test.each([
  ['base64', `MIIK/${'Ab+/'.repeat(300)}==`],
  ['short base64', `MIIK/${'Ab+/'.repeat(60)}`],
  ['base64 in lines', `MIIK\n${'Ab+/'.repeat(10)}`],
  ['PEM in one line', '-----BEGIN PRIVATE KEY----- MC4CAQ/ -----END PRIVATE KEY-----'],
  ['another secret', '01f3a7c2_5b6d7e8f90a1'],
  ['text', `${'x/'.repeat(600)}y`],
])('does not show %s given in place of a path', (_name, content) => {
  const error = thrownBy(() => readInputFile('p12-file', content)) as Error
  expect(error).toMatchObject({ code: 'FILE_READ' })
  expect(error.message).toMatch(/^The file that 'p12-file' names cannot be read \(\w+\)\.$/)
})
