import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { maskP12, maskP12File, maskP12Text, maskPrivateKey, maskText } from '../../../src/action/masks.ts'
import { masked, printed } from '../../support/captured.ts'
import { keyBag, mac, pfx, pkcs12Pbe, plainSafe, shroudedKeyBag } from '../../support/p12-builder.ts'
import { RunnerMasker } from '../../support/runner-masker.ts'
import { printedKey, printedOpenP12, printedP12, printedText, readable } from '../../support/tool-output.ts'

/** The runner, after it was told what `act` masks. */
function told(act: () => void): RunnerMasker {
  const masker = new RunnerMasker()
  for (const mask of masked(act)) masker.addMask(mask)
  return masker
}

const API_KEY = '01e615c60f4e874a1a6d0d66dc_87d297ee13fb16ac4bade5b94bb6486043532397c921f665b09a1ff689c7ea5c'
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

const TEXTS = [
  API_KEY,
  'emulator_0123456789abcdef0123456789abcdef',
  'p&ss "wörd" <1>',
  "it's 100% sure!(*)~ & so on",
  'secret&+secret&secret',
  '\u{1f511}\u2028\u0085 key',
  '"in double quotes"',
  'abcd',
  'hunter2',
]

describe.each(TEXTS)('of the secret %j', secret => {
  test('no form that a tool prints is readable', () => {
    expect(
      readable(
        printedText(secret),
        told(() => maskText(secret)),
      ),
    ).toEqual([])
  })

  test('every mask is needed: the runner makes none of the others by itself', () => {
    const masks = masked(() => maskText(secret))
    for (const mask of masks) {
      const masker = new RunnerMasker()
      for (const other of masks) if (other !== mask) masker.addMask(other)
      expect(masker.values).not.toContain(mask)
    }
  })
})

test('hides a secret of any length in base64, however that is wrapped and whatever follows it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'abcdefghij-_~9ü'), minLength: 4, maxLength: 400 }),
      secret => {
        fc.pre(!/^(.)\1*$/.test(secret))
        expect(
          readable(
            printedText(secret),
            told(() => maskText(secret)),
          ),
        ).toEqual([])
      },
    ),
    { numRuns: 300 },
  )
})

test('white space around a secret does not unmask its base64', () => {
  for (const secret of [' correct horse', 'correct horse  ', '\tcorrect horse \r\n', 'correct horse\r\n']) {
    const masker = told(() => maskText(secret))
    const base64 = Buffer.from(secret).toString('base64')
    expect(readable([...printedText(secret.trim()), { how: 'as it is', text: base64 }], masker)).toEqual([])
  }
})

test.each([
  ['an API key', () => maskText(API_KEY), 24],
  ['a password of 40 letters and digits', () => maskText(`${'Ab3'.repeat(13)}x`), 16],
  ['an RSA key of 2048 bits', () => maskPrivateKey(pemOf(RSA)), 150],
  ['an EC key', () => maskPrivateKey(pemOf(EC)), 55],
])('%s takes the runner few values', (_what, act, most) => {
  expect(told(act).values.size).toBeLessThanOrEqual(most)
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
])('%j: whether it is accepted is %s', (secret, fine) => {
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
          maskP12Text(secret, '')
          maskP12(Buffer.from(secret), '')
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

test('masks a secret of several lines line by line, except lines that reveal nothing', () => {
  const masks = masked(() => maskText('{\n  "key": "0123456789"\n}'))
  expect(masks).toContain('"key": "0123456789"')
  expect(masks).not.toContain('}')
})

test('prints nothing but masks', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), secret => {
      const text = printed(() => maskText(secret))
      for (const line of text.split('\n').filter(part => part !== ''))
        expect(line).toMatch(/^::add-mask::[^\r]/)
    }),
  )
})

test.each([
  ['EC', EC],
  ['RSA', RSA],
])('masks every line of an %s key and what is inside it, in the forms that tools print', (_type, key) => {
  const pem = pemOf(key)
  const masks = masked(() => maskPrivateKey(pem))
  const lines = pem.split('\n').filter(line => line.length >= 8 && !line.startsWith('-----'))
  expect(lines.length).toBeGreaterThan(1)
  for (const line of lines) expect(masks).toContain(line)
  expect(masks.filter(mask => /^-----BEGIN [A-Z ]+-----$/.test(mask))).toEqual([])
  expect(
    readable(
      printedKey(key),
      told(() => maskPrivateKey(pem)),
    ),
  ).toEqual([])
})

test('masks a key that is wrapped differently in that form and in the usual one', () => {
  const body = pemOf(EC).replace(/-----[^-]+-----|\s/g, '')
  const narrow = body.match(/.{1,48}/g) ?? []
  const masks = masked(() =>
    maskPrivateKey(`-----BEGIN PRIVATE KEY-----\n${narrow.join('\r\n')}\n-----END PRIVATE KEY-----`),
  )
  expect(masks).toEqual(expect.arrayContaining([...narrow, body.slice(0, 64)]))
})

test('does not mask the armor around base64: public certificates have it too', () => {
  const text = '-----BEGIN CERTIFICATE-----\nMIIKAgEDMIIJyAYJ\n-----END CERTIFICATE-----'
  const masks = masked(() => maskP12Text(text, 'correct horse'))
  expect(masks).toContain('MIIKAgEDMIIJyAYJ')
  expect(masks.filter(mask => /^-+(BEGIN|END)$|^CERTIFICATE-+$/.test(mask))).toEqual([])
})

describe('of a P12', () => {
  const PASSWORD = 'correct horse'
  const protection = pkcs12Pbe(PASSWORD, '3des')
  const sealed = pfx([plainSafe(shroudedKeyBag(RSA, protection))], mac({ password: PASSWORD }))
  const open = pfx([plainSafe(keyBag(RSA))], mac({ password: PASSWORD }))
  const base64 = sealed.toString('base64')

  test('whose key is encrypted under a masked password, masks one piece', () => {
    expect(masked(() => maskP12(sealed, PASSWORD))).toEqual([base64])
    expect(masked(() => maskP12File(sealed, PASSWORD))).toEqual([base64])
    for (const text of [base64, base64.replace(/.{76}/g, '$&\n'), base64.replace(/.{64}/g, '$&\r\n')])
      expect(masked(() => maskP12Text(text, PASSWORD))).toEqual([base64])
    expect(
      readable(
        printedP12(sealed),
        told(() => maskP12(sealed, PASSWORD)),
      ),
    ).toEqual([])
  })

  test('in base64url or quotes, masks the text as well', () => {
    const url = sealed.toString('base64url')
    expect(masked(() => maskP12Text(url, PASSWORD))).toEqual([url, base64])
    expect(masked(() => maskP12Text(`"${base64}"`, PASSWORD))).toEqual([`"${base64}"`, base64])
  })

  test.each([
    ['whose key is not encrypted', open, PASSWORD],
    ['whose password is empty', sealed, ''],
    ['whose password is too short to be masked', sealed, 'abc'],
    ['whose password is too ordinary to be masked', sealed, 'null'],
    ['that is something else, a key', RSA.export({ type: 'pkcs8', format: 'der' }), PASSWORD],
  ])('%s, masks everything that tools print', (_what, der, password) => {
    const text = der.toString('base64')
    const wrapped = text.match(/.{1,70}/g)?.join('\n') ?? ''
    expect(
      readable(
        printedOpenP12(der),
        told(() => maskP12(der, password)),
      ),
    ).toEqual([])
    expect(
      readable(
        [{ how: 'as given', text: wrapped }],
        told(() => maskP12Text(wrapped, password)),
      ),
    ).toEqual([])
    // Until it is opened, it may be any file.
    expect(masked(() => maskP12File(der, password))).toHaveLength(4)
  })

  test('of any size, limits the number of masks', () => {
    const large = Buffer.concat([open, Buffer.alloc(1_000_000, 'words of somebody else')])
    expect(masked(() => maskP12(large, PASSWORD)).length).toBeLessThan(500)
    expect(masked(() => maskP12File(large, PASSWORD))).toHaveLength(4)
  })
})

test('masks the key of a PEM in place of a P12, and no word around it or in its header', () => {
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
    const masks = masked(() => maskP12Text(text, 'correct horse'))
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

test('masks PEM that is cut off to its end', () => {
  expect(
    masked(() => maskP12Text('-----BEGIN PRIVATE KEY-----\nc2VjcmV0c2VjcmV0\nc2VjcmV0c2', 'correct horse')),
  ).toEqual(expect.arrayContaining(['c2VjcmV0c2VjcmV0', 'c2VjcmV0c2']))
})
