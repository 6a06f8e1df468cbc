import { createPrivateKey } from 'node:crypto'
import { type Authority, createAuthority, issueSelfSigned, type LeafOptions } from './ca.ts'
import { DAY } from './clock.ts'
import { generateKeys, spkiDer } from './keys.ts'

/** What the server presents: a valid certificate, or one that every client should reject. */
export type ServerCertificateKind =
  | 'valid'
  | 'untrusted'
  | 'self-signed'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-name'
  | 'without-intermediate'

export interface ServerCertificate {
  key: string
  cert: string
}

/** Dated by the machine's clock and not the emulator's: the clients that verify these only know that one. */
export async function createServerCertificate(
  authority: Authority,
  kind: ServerCertificateKind,
  names: readonly string[],
): Promise<ServerCertificate> {
  const { privateKeyPem, publicKey } = await generateKeys('ec-p256')
  const leaf: LeafOptions = {
    ...serverDates(kind),
    subject: `CN=${names[0] ?? ''}`,
    publicKey: spkiDer(publicKey),
    usage: 'server',
    // Below our own name, because the CA may sign no other.
    dnsNames: kind === 'wrong-name' ? [`elsewhere.${names[0] ?? ''}`] : names,
  }
  return { key: privateKeyPem, cert: await sign(authority, kind, leaf, privateKeyPem) }
}

async function sign(
  authority: Authority,
  kind: ServerCertificateKind,
  leaf: LeafOptions,
  privateKeyPem: string,
): Promise<string> {
  if (kind === 'self-signed') return issueSelfSigned(leaf, createPrivateKey(privateKeyPem))
  if (kind === 'without-intermediate') {
    const issuing = await createAuthority({ commonName: 'Issuing CA', key: 'ec', parent: authority })
    return issuing.issue(leaf)
  }
  if (kind !== 'untrusted') return authority.issue(leaf)
  const untrusted = await createAuthority({ commonName: 'Untrusted CA', key: 'ec' })
  return untrusted.issue(leaf)
}

function serverDates(kind: ServerCertificateKind): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  const days = (from: number, to: number) => ({
    notBefore: new Date(now + from * DAY),
    notAfter: new Date(now + to * DAY),
  })
  if (kind === 'expired') return days(-30, -1)
  if (kind === 'not-yet-valid') return days(1, 30)
  return days(-1, 30)
}
