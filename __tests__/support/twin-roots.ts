// Certificates of one CA: the same name and key, other dates; and a server below it.
import 'reflect-metadata'
import { KeyObject, type webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const DAY = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const NAME = 'CN=Twin Root, O=Example Inc'

const makeKeys = async () =>
  (await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair

const days = (from: number, to: number) => ({
  notBefore: new Date(Date.now() + from * DAY),
  notAfter: new Date(Date.now() + to * DAY),
})

const pem = (certificate: x509.X509Certificate) => `${certificate.toString('pem')}\n`

/** All in PEM. */
export interface TwinRoots {
  expired: string
  renewed: string
  future: string
  /** The same name, and another key. */
  namesake: string
  server: { key: string; cert: string }
  /** Below the same roots, and expired itself. */
  expiredServer: { key: string; cert: string }
}

export async function makeTwinRoots(): Promise<TwinRoots> {
  const [ca, other, server] = await Promise.all([makeKeys(), makeKeys(), makeKeys()])
  const root = async (keys: webcrypto.CryptoKeyPair, dates: ReturnType<typeof days>) =>
    pem(
      await x509.X509CertificateGenerator.createSelfSigned({
        name: NAME,
        keys,
        signingAlgorithm: ALGORITHM,
        extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
        ...dates,
      }),
    )
  const leaf = async (dates: ReturnType<typeof days>) => ({
    key: String(KeyObject.from(server.privateKey).export({ type: 'pkcs8', format: 'pem' })),
    cert: pem(
      await x509.X509CertificateGenerator.create({
        subject: 'CN=localhost',
        issuer: NAME,
        publicKey: server.publicKey,
        signingKey: ca.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: 'dns', value: 'localhost' },
            { type: 'dns', value: 'clientauth.localhost' },
          ]),
        ],
        ...dates,
      }),
    ),
  })
  return {
    expired: await root(ca, days(-900, -10)),
    renewed: await root(ca, days(-900, 900)),
    future: await root(ca, days(10, 900)),
    namesake: await root(other, days(-900, 900)),
    server: await leaf(days(-1, 30)),
    expiredServer: await leaf(days(-30, -1)),
  }
}
