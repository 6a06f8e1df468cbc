// Stored P12s as users have them, with certificates that an emulator knows.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Emulator, Minted, MintOptions } from '../../emulator/index.ts'
import type { Encryption } from '../../src/x509/pkcs12.ts'
import { certBag, encryptedSafe, mac, pfx, pkcs12Pbe, plainSafe, shroudedKeyBag } from './p12-builder.ts'
import { writePkcs12 } from './written-p12.ts'

export const PASSWORD = 'correct horse battery staple'

export interface StoredOptions extends MintOptions {
  password?: string
  encryption?: Encryption | 'rc2'
}

export interface Stored {
  der: Buffer
  /** What `base64 -w0` prints. */
  base64: string
  minted: Minted
}

export async function storedP12(emulator: Emulator, options: StoredOptions = {}): Promise<Stored> {
  const { password = PASSWORD, encryption = 'modern', ...mint } = options
  // An EC key takes no time to generate; a test to which the key matters requests another.
  const minted = await emulator.mint({ keyType: 'ec-p256', ...mint })
  const der = await encode(minted, password, encryption)
  return { der, base64: der.toString('base64'), minted }
}

async function encode(minted: Minted, password: string, encryption: Encryption | 'rc2'): Promise<Buffer> {
  const privateKey = createPrivateKey(minted.privateKeyPem ?? '')
  const certificate = new X509Certificate(minted.certificatePem)
  const chain = minted.chainPem.map(pem => new X509Certificate(pem))
  if (encryption !== 'rc2') return writePkcs12({ privateKey, certificate, chain, password, encryption })
  // What Windows and macOS exported for twenty years.
  return pfx(
    [
      encryptedSafe(
        pkcs12Pbe(password, 'rc2-40'),
        ...[...chain].reverse().map(issuer => certBag(issuer)),
        certBag(certificate),
      ),
      plainSafe(shroudedKeyBag(privateKey, pkcs12Pbe(password, '3des'))),
    ],
    mac({ password }),
  )
}
