import { createPublicKey } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ActionError } from '../../../src/errors.ts'
import { certificatePem } from '../../../src/x509/certificate.ts'
import { readP12Bytes, readP12Text } from '../../../src/x509/pkcs12/text.ts'
import { certBag, keyBag, mac, pfx, pkcs8, plainSafe } from '../../support/p12-builder.ts'
import { testChain } from '../../support/p12-certificates.ts'
import { readVector } from '../../support/p12-vectors.ts'

const { key, certificate } = testChain('rsa')
const P12 = pfx([plainSafe(keyBag(key), certBag(certificate))], mac({ password: 'x' }))
const BASE64 = P12.toString('base64')

const wrapped = (text: string, width: number, end: string): string =>
  (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(end)

const armored = (label: string, base64 = BASE64): string =>
  `-----BEGIN ${label}-----\r\n${wrapped(base64, 64, '\r\n')}\r\n-----END ${label}-----\r\n`

const twice = (text: string | Buffer): string => Buffer.from(text).toString('base64')

/** What `split` and base64 make of a file that is too long for one secret. */
function inParts(bytes: number, between = ''): string {
  const parts: string[] = []
  for (let at = 0; at < P12.length; at += bytes) parts.push(P12.subarray(at, at + bytes).toString('base64'))
  return parts.join(between)
}

const SHAPES: [string, string][] = [
  ['one line', BASE64],
  ['a line break at the end', `${BASE64}\n`],
  ['lines of 76', wrapped(BASE64, 76, '\n')],
  ['CRLF', wrapped(BASE64, 64, '\r\n')],
  ['spaces, as YAML folds lines', wrapped(BASE64, 64, ' ')],
  ['tabs and indentation', wrapped(BASE64, 64, '\n\t  ')],
  ['"\\n" as JSON writes it', wrapped(BASE64, 64, '\\n')],
  ['"\\r\\n" as JSON writes it', `${wrapped(BASE64, 64, '\\r\\n')}\\r\\n`],
  ['no padding', BASE64.replace(/=+$/, '')],
  ['too much padding', `${BASE64}====`],
  ['base64url', P12.toString('base64url')],
  ['base64url with padding', BASE64.replaceAll('+', '-').replaceAll('/', '_')],
  ['double quotes', `"${BASE64}"`],
  ['single quotes and a line break', `'${BASE64}'\n`],
  ['a byte order mark', `\ufeff${BASE64}`],
  ['invisible characters of a web page', `\u200b${wrapped(BASE64, 500, '\u00a0\u200b')}`],
  ['a data: prefix', `data:application/x-pkcs12;base64,${BASE64}`],
  ['a quoted data: prefix', `"data:application/octet-stream;base64,${BASE64}"`],
  ['certutil -encode', armored('CERTIFICATE')],
  ['certutil -encode on one line', armored('CERTIFICATE').replaceAll('\r\n', ' ')],
  ['certutil -encode with "\\n"', armored('CERTIFICATE').replaceAll('\r\n', '\\n')],
  ['GnuTLS armor', armored('PKCS12')],
  ['spaces where plus signs were, as from a form', BASE64.replaceAll('+', ' ')],
  ['lines with spaces where plus signs were', wrapped(BASE64.replaceAll('+', ' '), 76, '\r\n')],
  ['the escapes of a URL', encodeURIComponent(BASE64)],
  ['the escapes of a URL, in lines', encodeURIComponent(wrapped(BASE64, 76, '\n'))],
  ['two parts, each padded by itself', inParts(1000)],
  ['three parts, each in a line of its own', inParts(700, '\n')],
  ['base64 twice', twice(BASE64)],
  ['base64 twice, wrapped both times', wrapped(twice(wrapped(BASE64, 76, '\n')), 76, '\n')],
  ['base64 three times', twice(twice(BASE64))],
  ['base64 of armor', twice(armored('CERTIFICATE'))],
  ['base64 of what PowerShell wrote', twice(Buffer.from(`\ufeff${BASE64}\r\n`, 'utf16le'))],
]

test.each(SHAPES)('reads the P12 from %s', (_shape, text) => {
  expect(readP12Text(text).equals(P12)).toBe(true)
})

test.each(SHAPES)('a file may contain %s', (_shape, text) => {
  expect(readP12Bytes(Buffer.from(text)).equals(P12)).toBe(true)
})

test('a file may contain the P12 itself, UTF-16 text, or the P12 with something after it', () => {
  expect(readP12Bytes(P12)).toBe(P12)
  expect(readP12Bytes(Buffer.from(`\ufeff${BASE64}\r\n`, 'utf16le')).equals(P12)).toBe(true)
  const longer = Buffer.concat([P12, Buffer.from('\n')])
  expect(readP12Bytes(longer)).toBe(longer)
})

function refusal(read: () => unknown): ActionError {
  try {
    read()
  } catch (error) {
    if (error instanceof ActionError) return error
    throw error
  }
  throw new Error('accepted')
}

const PEM_KEY = key.export({ format: 'pem', type: 'pkcs8' }).toString()
const OLD_PEM_KEY = key
  .export({ format: 'pem', type: 'pkcs1', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString()
const PEM_CERTIFICATE = certificatePem(certificate)
const LFS_POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 2570\n`
const JKS = Buffer.concat([Buffer.from('feedfeed00000002', 'hex'), Buffer.alloc(100, 0xaa)])
const P7B = Buffer.from('308006092a864886f70d010702a0803080020101', 'hex')

const MISTAKES: [string, string, string][] = [
  ['nothing', '', 'is empty'],
  ['white space', ' \r\n ', 'is empty'],
  ['empty quotes', '""', 'is empty'],
  ['asterisks', '***', 'asterisks'],
  ['an expression', `\${{ secrets.SM_CLIENT_CERT_FILE_B64 }}`, 'workflow expression'],
  ['a shell variable', '$SM_CLIENT_CERT_FILE_B64', 'variable that was not expanded'],
  ['a shell command', '$(base64 -w0 client.p12)', 'variable that was not expanded'],
  ['a cmd variable', '%P12%', 'variable that was not expanded'],
  ['JSON', '{"p12":"MIIK"}', 'JSON'],
  ['a link', 'https://example.com/client.p12', 'link'],
  ['a path', '/home/runner/work/_temp/client.p12', 'is a path'],
  ['a path of base64 characters', '/home/runner/secret', 'is a path'],
  ['a relative path', './certs/client.pfx', 'is a path'],
  ['a bare file name', 'client.p12', 'is a path'],
  ['a Windows path', 'C:\\new\\certs\\client.pfx', 'is a path'],
  ['a share', '\\\\server\\share\\client.pfx', 'is a path'],
  ['a home path', '~/client.p12', 'is a path'],
  ['a PEM certificate', PEM_CERTIFICATE, 'is a certificate without its private key'],
  ['a PEM key', PEM_KEY, 'is a private key without its certificate'],
  ['an encrypted PEM key with headers', OLD_PEM_KEY, 'is a private key'],
  ['PEM certificate and key', PEM_CERTIFICATE + PEM_KEY, 'is a certificate with its private key as PEM text'],
  [
    'PEM key and certificates',
    PEM_KEY + PEM_CERTIFICATE + PEM_CERTIFICATE,
    'is a certificate with its private key',
  ],
  ['base64 of both', twice(PEM_CERTIFICATE + PEM_KEY), 'is a certificate with its private key'],
  [
    'both with "\\n"',
    (PEM_CERTIFICATE + OLD_PEM_KEY).replaceAll('\n', '\\n'),
    'is a certificate with its private key',
  ],
  ['a Git LFS pointer', LFS_POINTER, 'is a Git LFS pointer'],
  ['base64 of a Git LFS pointer', twice(LFS_POINTER), 'is a Git LFS pointer'],
  ['a request', armored('CERTIFICATE REQUEST', twice('x')), 'certificate signing request'],
  ['PEM of a P7B', armored('PKCS7', P7B.toString('base64')), 'PKCS#7'],
  ['a public key', createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString(), 'not of a P12'],
  ['cut PEM', PEM_CERTIFICATE.slice(0, 400), 'PEM text that is cut off'],
  ['a base64 PEM key', twice(PEM_KEY), 'is a private key'],
  ['a DER certificate', certificate.raw.toString('base64'), 'is a certificate'],
  ['a DER key', pkcs8(key).toString('base64'), 'is a private key'],
  ['a PKCS#1 key', key.export({ format: 'der', type: 'pkcs1' }).toString('base64'), 'is a private key'],
  ['a DER P7B', P7B.toString('base64'), 'PKCS#7'],
  ['a JKS store', JKS.toString('base64'), 'JKS'],
  ['a ZIP file', twice('PK\x03\x04whatever'), 'ZIP'],
  ['prose', 'This is not a certificate!', 'is not base64'],
  ['another secret', 'correcthorsebatterystaple', 'cut off'],
  ['another secret that is base64', 'q83vASNFZ4mrze8BI0VniQ==', 'is not a PKCS#12 file'],
  ['base64 four times', twice(twice(twice(BASE64))), 'is not a PKCS#12 file'],
  [
    'one character short',
    BASE64.replace(/=+$/, '').slice(0, -((BASE64.replace(/=+$/, '').length + 3) % 4)),
    'cut off',
  ],
]

test.each(MISTAKES)('recognizes %s', (_what, text, words) => {
  const error = refusal(() => readP12Text(text))
  expect(error.code).toBe('P12_ENCODING')
  expect(error.message).toContain(words)
  expect(error.why).not.toBe('')
  expect(error.fix).not.toBe('')
})

test('recognizes a file that is a JKS store, a DER certificate or a PEM key', () => {
  expect(refusal(() => readP12Bytes(JKS)).message).toContain('JKS')
  expect(refusal(() => readP12Bytes(certificate.raw)).message).toContain('is a certificate')
  expect(refusal(() => readP12Bytes(Buffer.from(PEM_KEY))).message).toContain('is a private key')
  expect(refusal(() => readP12Bytes(Buffer.from(PEM_CERTIFICATE + PEM_KEY))).fix).toContain('-passout env:')
})

test.each(['', '\n', ' \r\n'])('calls a file with only %j in it empty, and blames no secret', content => {
  const { code, message, why, fix } = refusal(() => readP12Bytes(Buffer.from(content)))
  expect({ code, message }).toEqual({
    code: 'P12_ENCODING',
    message: 'What was given as the P12 is an empty file.',
  })
  expect(why).toContain('The step that writes it')
  expect(fix).toContain('Check the step')
})

test('leaves a PFX of another version to the decoder, and does not call it a key', () => {
  for (const version of [0, 1, 4]) {
    const other = pfx([plainSafe(keyBag(key))], mac({ password: 'x' }), version)
    expect(readP12Text(other.toString('base64')).equals(other)).toBe(true)
  }
})

test('no error repeats the input', () => {
  for (const [, text] of MISTAKES) {
    if (text.length < 16 || text.includes('{{')) continue
    const { message, why, fix, cause } = refusal(() => readP12Text(text))
    const words = `${message} ${why} ${fix} ${cause}`
    for (let at = 0; at + 12 <= text.length && at < 200; at++)
      expect(words).not.toContain(text.slice(at, at + 12))
  }
})

test('leaves damaged DER to the decoder, which knows more', () => {
  const cut = P12.subarray(0, 500)
  expect(readP12Text(cut.toString('base64')).equals(cut)).toBe(true)
})

test('refuses more text than any P12 takes at once', () => {
  expect(refusal(() => readP12Text('M'.repeat(5 * 1024 * 1024))).code).toBe('P12_LIMIT')
  expect(refusal(() => readP12Bytes(Buffer.alloc(5 * 1024 * 1024, 'M'))).code).toBe('P12_LIMIT')
})

test.each(['=', '\\', ' \n', '-----BEGIN A-----', '-----BEGIN ', '\u200b', '"', 'data:', '/'])(
  'megabytes of %j take no time',
  unit => {
    const text = `${unit.repeat(3_000_000 / unit.length)}x`
    const start = performance.now()
    expect(refusal(() => readP12Text(text)).code).toBe('P12_ENCODING')
    expect(performance.now() - start).toBeLessThan(1000)
  },
)

test('any text and any bytes are read or refused with an explanation', () => {
  const read = (one: () => unknown): void => {
    try {
      one()
    } catch (error) {
      expect(error).toBeInstanceOf(ActionError)
    }
  }
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
      (text, bytes) => {
        read(() => readP12Text(text))
        read(() => readP12Text(Buffer.from(bytes).toString('base64')))
        read(() => readP12Bytes(Buffer.from(bytes)))
      },
    ),
    { seed: 3, numRuns: 2000 },
  )
})

const VECTOR = readVector('ed448')

/** What people and programs do to the text on its way into a secret. */
const WRAPPINGS: ((text: string) => string)[] = [
  text => Buffer.from(text).toString('base64'),
  text => text.replace(/.{64}/g, '$&\r\n'),
  text => text.replace(/.{76}/g, '$& '),
  text => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
  text => `data:application/x-pkcs12;base64,${text}`,
  text => `-----BEGIN CERTIFICATE-----\r\n${text}\r\n-----END CERTIFICATE-----\r\n`,
  text => `"${text}"`,
  text => `\ufeff${text}\n`,
  text => text.replace(/.{64}/g, '$&\\n'),
  text => encodeURIComponent(text),
  text => `P12=${text}`,
  text => text.slice(0, -5),
  text => text.repeat(2),
  text => `-----BEGIN ${text}`,
  text => `\${{ ${text} }}`,
]

test('a P12 in any nested wrapping, with characters changed anywhere, is read or refused with an explanation', () => {
  const original = VECTOR.toString('base64')
  const change = fc.record({ at: fc.nat(5000), character: fc.string({ unit: 'binary', maxLength: 3 }) })
  const counts = { read: 0, refused: 0 }
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...WRAPPINGS), { maxLength: 4 }),
      fc.array(change, { maxLength: 2 }),
      (wrappings, changes) => {
        const wrapped = wrappings.reduce((text, wrap) => wrap(text), original)
        const text = changes.reduce(
          (changed, { at, character }) => changed.slice(0, at) + character + changed.slice(at + 1),
          wrapped,
        )
        try {
          readP12Text(text)
          counts.read += 1
        } catch (error) {
          expect(error).toBeInstanceOf(ActionError)
          expect((error as ActionError).code).toMatch(/^P12_/)
          counts.refused += 1
        }
      },
    ),
    { seed: 4, numRuns: Number(process.env.P12_FUZZ ?? 3000) },
  )
  expect(counts.read).toBeGreaterThan(100)
  expect(counts.refused).toBeGreaterThan(100)
}, 600_000)
