// A stored P12 made by the tests, and the requests and ports of its rotations.
import type { CertificateRecord } from '../../src/digicert/records.ts'
import { parseTarget, type Target } from '../../src/github/target.ts'
import { SecretsPublisher } from '../../src/operations/rotate/secrets.ts'
import type { RotatePorts, RotateRequest } from '../../src/operations/rotate/types.ts'
import { describeCertificate } from '../../src/x509/certificate.ts'
import { type FakeDigicert, record } from './fake-digicert.ts'
import type { FakeSecrets } from './fake-secrets.ts'
import { testCertificate, testKey } from './p12-certificates.ts'
import { fakePorts } from './ports.ts'
import { writePkcs12 } from './written-p12.ts'

export const OWN = 'octo-org/hello.world'
export const APP = 'octo-org/app'
export const PASSWORD = 'correct-horse-pw'
/** The fake clock's start time. */
export const NOW = new Date('2026-06-01T12:00:00Z')
const DAY = 86_400_000

export const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY)
export const KEY = testKey('rsa')

export interface InUse {
  p12: Buffer
  record: CertificateRecord
}

/** A P12 and what DigiCert ONE lists for it. It was issued 100 days ago. */
export async function inUse(daysLeft: number, fields: Partial<CertificateRecord> = {}): Promise<InUse> {
  const dates = { notBefore: inDays(-100), notAfter: inDays(daysLeft) }
  const certificate = testCertificate({ key: KEY, ...dates, serial: 0xc0n })
  const { serialNumber, publicKey } = describeCertificate(certificate)
  return {
    p12: await writePkcs12({
      privateKey: KEY,
      certificate,
      chain: [],
      password: PASSWORD,
      encryption: 'modern',
    }),
    record: record('in use', {
      serialNumber,
      publicKey,
      startDate: dates.notBefore,
      endDate: dates.notAfter,
      ...fields,
    }),
  }
}

export function targetsOf(...names: string[]): Target[] {
  return names.flatMap(name => parseTarget(name) ?? [])
}

export function rotateRequest(p12: Buffer, changes: Partial<RotateRequest> = {}): RotateRequest {
  return {
    p12,
    password: PASSWORD,
    encryption: 'auto',
    settings: { rotateWithinSeconds: 60 * 86_400, graceSeconds: 7 * 86_400, force: false },
    dryRun: false,
    namePrefix: 'release',
    subject: undefined,
    validitySeconds: 365 * 86_400,
    keySize: 2048,
    ...changes,
  }
}

/** Everything that a rotation works with; `masked` counts, for each key, the requests before it was masked. */
export function rotatePorts(
  digicert: FakeDigicert,
  secrets: FakeSecrets,
  targets: Target[] = targetsOf(OWN, APP),
) {
  const masked: { pem: string; asked: number }[] = []
  const mask = {
    text: () => undefined,
    bytes: () => undefined,
    privateKey: (pem: string) =>
      void masked.push({ pem, asked: digicert.calls.length + secrets.calls.length }),
  }
  const basic = fakePorts()
  const lookout = { targets, names: { p12: 'P12', password: 'PASSWORD' }, repository: OWN }
  const ports: RotatePorts = {
    ...basic,
    digicert: digicert.as,
    publisher: new SecretsPublisher(lookout, { log: basic.log, secrets: secrets.as }),
    mask,
    newKey: async () => KEY,
  }
  return { ...ports, masked }
}
