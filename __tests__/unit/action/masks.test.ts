import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { maskBytes, maskInOnePiece, maskLines, maskPrivateKey, maskText } from '../../../src/action/masks.ts'
import { masked, printed } from '../../support/captured.ts'

test('a secret is masked as it is, and as tools write it down', () => {
  const secret = 'p&ss "wörd" 1'
  const masks = masked(() => maskText(secret))
  const bytes = Buffer.from(secret)
  expect(masks).toEqual(
    expect.arrayContaining([
      secret,
      bytes.toString('base64'),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
    ]),
  )
})

test('a line break after a secret does not unmask it', () => {
  const masks = masked(() => maskText('correct horse\r\n'))
  expect(masks).toContain('correct horse')
  expect(masks).toContain(Buffer.from('correct horse\r\n').toString('base64'))
})

test.each([
  ['', true],
  ['  \n', true],
  ['a', false],
  ['abc', false],
  ['----------', false],
  ['true', false],
  [' False\n', false],
  ['null', false],
  ['abcd', true],
  ['2026', true],
  ['truest', true],
])('%j: whether all is well is %s', (secret, fine) => {
  let result: boolean | undefined
  const masks = masked(() => {
    result = maskText(secret)
  })
  expect(result).toBe(fine)
  expect(masks.length > 0).toBe(fine && secret.trim() !== '')
})

test('no mask, and no line of one, is so short or so blank that it would hide ordinary words', () => {
  const lines = fc.array(
    fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('=', '}', '--------')),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 60 }),
        lines.map(parts => parts.join('\n')),
      ),
      secret => {
        const masks = masked(() => {
          maskText(secret)
          maskLines(secret)
          maskBytes(Buffer.from(secret))
        })
        // The runner masks each line of a value as well.
        for (const line of masks.flatMap(mask => mask.split(/[\r\n]/))) {
          expect(line.trim().length).toBeGreaterThanOrEqual(4)
          expect(line).not.toMatch(/^(.)\1*$/su)
        }
      },
    ),
  )
})

test('a secret of several lines is masked line by line, without those that say nothing', () => {
  const masks = masked(() => maskText('{\n  "key": "0123456789"\n}'))
  expect(masks).toContain('"key": "0123456789"')
  expect(masks).not.toContain('}')
})

test('a long secret is masked as `base64` wraps it, too', () => {
  const secret = 'correct horse battery staple '.repeat(4).trim()
  const base64 = Buffer.from(secret).toString('base64')
  const masks = masked(() => maskText(secret))
  for (const width of [64, 76]) expect(masks).toContain(base64.slice(0, width))
})

test('masking prints nothing but masks', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), secret => {
      const text = printed(() => maskText(secret))
      for (const line of text.split('\n').filter(part => part !== ''))
        expect(line).toMatch(/^::add-mask::[^\r]/)
    }),
  )
})

test('every line of a key is masked, and what is inside it', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const masks = masked(() => maskPrivateKey(pem))
  const lines = pem.split('\n').filter(line => line.length >= 8 && !line.startsWith('-----'))
  expect(lines.length).toBeGreaterThan(1)
  for (const line of lines) expect(masks).toContain(line)
  expect(masks).toContain(privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'))
  expect(masks.filter(mask => /^-----BEGIN [A-Z ]+-----$/.test(mask))).toEqual([])
})

test('the armour around base64 is not masked: it is around public certificates too', () => {
  const masks = masked(() =>
    maskLines('-----BEGIN CERTIFICATE-----\nMIIKAgEDMIIJyAYJ\n-----END CERTIFICATE-----'),
  )
  expect(masks).toContain('MIIKAgEDMIIJyAYJ')
  expect(masks.filter(mask => /^-+(BEGIN|END)$|^CERTIFICATE-+$/.test(mask))).toEqual([])
})

test('in one piece: the four forms of the whole, and no line of it', () => {
  const bytes = Buffer.from('fb'.repeat(200), 'hex')
  const hex = bytes.toString('hex')
  const forms = [bytes.toString('base64'), bytes.toString('base64url'), hex, hex.toUpperCase()]
  expect(masked(() => maskInOnePiece(bytes))).toEqual(forms)
})

test('of PEM in place of a P12 the key is masked, and no word around it or in its header', () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const pem = String(key.export({ type: 'pkcs8', format: 'pem' }))
  const [, first = '', second = ''] = pem.split('\n')
  const headed = `-----BEGIN RSA PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,0123456789ABCDEF

c2VjcmV0c2VjcmV0c2VjcmV0
-----END RSA PRIVATE KEY-----
`
  const file = `Bag Attributes
    friendlyName: Signing Service
Key Attributes: <No Attributes>
${pem}${headed}subject=CN = Signing Service
`
  for (const text of [
    file,
    file.replaceAll('\n', '\r\n'),
    file.replaceAll('\n', '\\n'),
    file.replaceAll('\n', ' '),
  ]) {
    const masks = masked(() => maskLines(text))
    expect(masks).toEqual(expect.arrayContaining([first, second, 'c2VjcmV0c2VjcmV0c2VjcmV0']))
    expect(masks).toContain(key.export({ type: 'pkcs8', format: 'der' }).toString('hex'))
    for (const word of [
      'Attributes',
      'friendlyName',
      'Signing',
      'Service',
      'ENCRYPTED',
      'DEK-Info',
      'PRIVATE',
    ])
      expect(masks.join('\n')).not.toContain(word)
  }
})

test('PEM that is cut off is masked to its end', () => {
  expect(masked(() => maskLines('-----BEGIN PRIVATE KEY-----\nc2VjcmV0c2VjcmV0\nc2VjcmV0c2'))).toEqual(
    expect.arrayContaining(['c2VjcmV0c2VjcmV0', 'c2VjcmV0c2']),
  )
})
