import { expect, test } from '@jest/globals'
import { isBundleText, readBundle, readBundleText } from '../../../src/x509/ca-bundle.ts'
import { pemBlock } from '../../../src/x509/pem.ts'
import { testChain, testKey } from '../../support/p12-certificates.ts'
import { explicit, indefinite, int, nul, oid, seq, set, tlv, utf8 } from '../../support/p12-der.ts'

const { root, intermediate } = testChain('p256')
const ROOT = pemBlock('CERTIFICATE', root.raw)
const BOTH = ROOT + pemBlock('CERTIFICATE', intermediate.raw)

const signedData = (...certificates: Buffer[]) =>
  seq(
    oid('1.2.840.113549.1.7.2'),
    explicit(
      0,
      seq(
        int(1),
        set(),
        seq(oid('1.2.840.113549.1.7.1')),
        ...(certificates.length === 0 ? [] : [explicit(0, ...certificates)]),
        set(),
      ),
    ),
  )
const P7B = signedData(root.raw, intermediate.raw)
/** As Windows writes it: without lengths. */
const BER_P7B = indefinite(
  0x30,
  oid('1.2.840.113549.1.7.2'),
  indefinite(
    0xa0,
    indefinite(
      0x30,
      int(1),
      set(),
      indefinite(0x30, oid('1.2.840.113549.1.7.1')),
      indefinite(0xa0, root.raw, intermediate.raw),
      set(),
    ),
  ),
)

const SERVER_AUTH = oid('1.3.6.1.5.5.7.3.1')
const EMAIL = oid('1.3.6.1.5.5.7.3.4')
const trusted = (...notes: Buffer[]) =>
  pemBlock('TRUSTED CERTIFICATE', Buffer.concat([root.raw, seq(...notes)]))

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}

const base64 = (content: Buffer | string) => Buffer.from(content).toString('base64')

const CONTENTS: [string, Buffer | string][] = [
  ['PEM', BOTH],
  ['CRLF', BOTH.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\uFEFF${BOTH}`],
  ['literal \\n', BOTH.replaceAll('\n', '\\n')],
  ['literal \\r\\n in quotes, as JSON writes it', JSON.stringify(BOTH.replaceAll('\n', '\r\n'))],
  ['literal \\\\n, as JSON in JSON', BOTH.replaceAll('\n', '\\\\n')],
  ['one line', BOTH.replaceAll('\n', ' ')],
  ['UTF-16 with its mark', Buffer.from(`\uFEFF${BOTH}`, 'utf16le')],
  ['UTF-16 without', Buffer.from(BOTH, 'utf16le')],
  ['UTF-16, the other order', utf16be(`\uFEFF${BOTH}`)],
  ['UTF-16, the other order, without its mark', utf16be(BOTH)],
  ['TRUSTED CERTIFICATE', trusted(utf8('alias')) + pemBlock('CERTIFICATE', intermediate.raw)],
  ['TRUSTED CERTIFICATE for servers', trusted(seq(SERVER_AUTH)) + pemBlock('CERTIFICATE', intermediate.raw)],
  ['DER, one after the other', Buffer.concat([root.raw, intermediate.raw])],
  ['PKCS7', pemBlock('PKCS7', P7B)],
  ['PKCS #7 SIGNED DATA', pemBlock('PKCS #7 SIGNED DATA', P7B)],
  ['.p7b', P7B],
  ['.p7b without lengths', BER_P7B],
  ['with a revocation list', pemBlock('X509 CRL', seq(int(1))) + BOTH],
]

test.each(CONTENTS)('%s: as a file, as text and in base64', (_name, content) => {
  const bytes = Buffer.from(content as string)
  const expected = [root.raw, intermediate.raw]
  const raw = (found: { raw: Buffer }[]) => found.map(certificate => certificate.raw)
  expect(raw(readBundle(bytes))).toEqual(expected)
  const lines = `${base64(bytes).replaceAll(/.{76}/g, '$&\r\n')}\r\n`
  for (const text of [base64(bytes), lines, base64(base64(bytes)), base64(lines)]) {
    expect(isBundleText(text)).toBe(true)
    expect(raw(readBundleText(text))).toEqual(expected)
  }
  expect(raw(readBundle(Buffer.from(lines)))).toEqual(expected)
  if (typeof content !== 'string') return
  expect(isBundleText(content)).toBe(true)
  expect(raw(readBundleText(content))).toEqual(expected)
})

test('two texts in base64, one after the other, each with its own padding', () => {
  const [one, two] = [ROOT, pemBlock('CERTIFICATE', intermediate.raw)].map(pem =>
    base64(`${pem}${' '.repeat((4 - (pem.length % 3)) % 3)}`),
  )
  expect(one).toMatch(/=$/)
  expect(readBundleText(`${one}${two}`)).toHaveLength(2)
})

const key = testKey('p256').export({ format: 'der', type: 'pkcs8' })
const damaged = Buffer.from(root.raw).fill(0xff, 20, 40)

const MISTAKES: [string, Buffer | string, RegExp, RegExp][] = [
  ['nothing', '', /contains no certificate/, /BEGIN CERTIFICATE/],
  ['a web page', '<html>Sign in</html>', /contains no certificate/, /BEGIN CERTIFICATE/],
  ['an image', Buffer.from('89504e470d0a1a0a00ff', 'hex'), /bytes that are not a certificate/, /PEM/],
  [
    'a private key next to the certificate',
    `${ROOT}${pemBlock('PRIVATE KEY', key)}`,
    /a private key/,
    /openssl x509/,
  ],
  ['an RSA key', pemBlock('RSA PRIVATE KEY', key), /a private key/, /Keep the key secret/],
  ['an encrypted key', pemBlock('ENCRYPTED PRIVATE KEY', key), /a private key/, /openssl x509/],
  ['a key in DER', key, /a private key/, /openssl x509/],
  ['a P12', seq(int(3), seq(oid('1.2.840.113549.1.7.1'))), /is a P12/, /openssl pkcs12 .*-cacerts -nokeys/],
  ['a request', pemBlock('CERTIFICATE REQUEST', key), /signing request/, /CA certificates/],
  ['a public key', pemBlock('PUBLIC KEY', key), /a public key/, /CA certificates/],
  ['a revocation list alone', pemBlock('X509 CRL', seq(int(1))), /PEM text, but no certificate/, /CA/],
  ['cut off', ROOT.slice(0, -40), /cannot be read/, /PEM/],
  ['damaged', damaged, /cannot be read/, /Export/],
  ['PKCS#7 without certificates', signedData(), /PKCS#7 file without certificates/, /openssl pkcs7/],
  [
    'PKCS#7 of another kind',
    seq(oid('1.2.840.113549.1.7.1'), explicit(0, nul())),
    /PKCS#7 file without/,
    /pkcs7/,
  ],
  ['a broken PKCS#7', seq(oid('1.2.840.113549.1.7.2'), explicit(0, seq(int(1)), nul())), /without/, /pkcs7/],
  ['trusted for mail alone', trusted(seq(EMAIL)), /must not be trusted for servers/, /openssl x509/],
  [
    'rejected for servers',
    trusted(tlv(0xa0, SERVER_AUTH)),
    /must not be trusted for servers/,
    /openssl x509/,
  ],
]

test.each(MISTAKES)('names %s, with what to do', (_name, content, problem, fix) => {
  expect(() => readBundle(Buffer.from(content as string))).toThrow(
    expect.objectContaining({ message: expect.stringMatching(problem), fix: expect.stringMatching(fix) }),
  )
})

test.each([
  'ca.pem',
  '/etc/ssl/certs/ca-bundle',
  `/home/runner/work/${'repository/'.repeat(12)}ca`,
  `certificates/${'authority'.repeat(12)}`,
  'C:\\certs\\ca.cer',
])('%s is a path', path => {
  expect(isBundleText(path)).toBe(false)
})

test.each([
  ['PEM in base64', base64(ROOT).slice(0, 301)],
  ['DER in base64', base64(root.raw).slice(0, 201)],
])('%s that is cut off counts as content, and is named', (_name, text) => {
  expect(isBundleText(text)).toBe(true)
  expect(() => readBundleText(text)).toThrow(/cannot be read/)
})
