/** Whether other programs could use a file as it is, and whether it helps to rewrite it. */
import type { KeyObject, X509Certificate } from 'node:crypto'
import { isDer } from '../der.ts'
import type { Findings } from './findings.ts'
import type { Opened } from './open.ts'
import type { Pair } from './pair.ts'
import type { Pfx } from './pfx.ts'
import { type Obstacle, obstacleOf, type Reader } from './readers.ts'

/** Who can use the file as it is, with the same password; what stops the others. */
export interface Portability extends Record<Reader, boolean> {
  /** Gone when the file is rewritten, for readers that can then use it. */
  mendable: Obstacle[]
  /** In the password, the key or a certificate: they stay. */
  lasting: Obstacle[]
}

export function judge(
  pfx: Pfx,
  password: string,
  opened: Opened,
  { pair, chain }: { pair: Pair; chain: X509Certificate[] },
  findings: Findings,
): Portability {
  judgeLayout(pfx, password, opened, pair, findings)
  const kind = obstacleOf(`a key of the kind ${keyKind(pair.privateKey)}`)
  const issuers = chain.map(issuerObstacle)
  const lasting = [
    ...passwordObstacles(password),
    ...[kind, ...issuers].filter(obstacle => obstacle !== undefined),
  ]
  const lost = readersOf(lasting)
  const helped = (reader: Reader) => !lost.has(reader)
  const mendable = findings.obstacles
    .map(({ what, readers }) => ({ what, readers: readers.filter(helped) }))
    .filter(({ readers }) => readers.length > 0)
  const stopped = readersOf([...mendable, ...lasting])
  const reads = (reader: Reader) => !stopped.has(reader)
  return { openssl3: reads('openssl3'), java: reads('java'), go: reads('go'), mendable, lasting }
}

function readersOf(obstacles: Obstacle[]): Set<Reader> {
  return new Set(obstacles.flatMap(({ readers }) => readers))
}

function judgeLayout(pfx: Pfx, password: string, opened: Opened, pair: Pair, findings: Findings): void {
  // Where there is no password, nobody asks for a MAC.
  if (pfx.macData === undefined && password !== '') findings.obstacle('no MAC', 'openssl3', 'go')
  if (!pfx.byTheBook) findings.obstacle('a safe of an unusual structure', 'go')
  const strict = [pfx.der, pfx.authenticatedSafe, ...opened.certificates.map(({ der }) => der)]
  if (!strict.every(isDer)) findings.obstacle('BER in place of DER', 'go')
  if (opened.keys.length > 1) findings.obstacle('several private keys', 'go')
  if (opened.certificates[0]?.der !== pair.bags.certificate.der)
    findings.obstacle('another certificate before that of the key', 'go')
  if (findAsJava(pair.bags.key, opened.certificates)?.der !== pair.bags.certificate.der)
    findings.obstacle('nothing but the public key to tie the certificate to the private key', 'java')
}

interface Named {
  friendlyName?: string
  localKeyId?: string
}

/** By localKeyID, then by name, and never by comparing keys. */
function findAsJava<T extends Named>(key: Named, certificates: T[]): T | undefined {
  const name = key.friendlyName?.toLowerCase()
  const named = ({ friendlyName }: Named) => name !== undefined && friendlyName?.toLowerCase() === name
  const byId = certificates.filter(
    ({ localKeyId }) => localKeyId !== undefined && localKeyId === key.localKeyId,
  )
  return byId.find(named) ?? byId.at(-1) ?? certificates.findLast(named)
}

/** What no way of writing makes readable: Java takes printable ASCII alone, Go no surrogates. */
export function passwordObstacles(password: string): Obstacle[] {
  if (/^[ -~]*$/.test(password)) return []
  const beyond = /[\u{10000}-\u{10ffff}]/u.test(password)
  const readers: Reader[] = beyond ? ['java', 'go'] : ['java']
  return [{ what: beyond ? 'a password with emoji or the like' : 'a password beyond ASCII', readers }]
}

function keyKind(key: KeyObject): string {
  const { namedCurve } = key.asymmetricKeyDetails ?? {}
  const kind = (key.asymmetricKeyType ?? 'unknown').toUpperCase()
  return namedCurve === undefined ? kind : `${kind} ${namedCurve}`
}

/** Go refuses the whole file for a curve that it does not know, and takes any other kind of key. */
function issuerObstacle(issuer: X509Certificate): Obstacle | undefined {
  const kind = publicKeyKind(issuer)
  const known = kind === undefined || !kind.startsWith('EC ') || !obstacleOf(`a key of the kind ${kind}`)
  return known
    ? undefined
    : { what: `an issuing certificate with a key of the kind ${kind}`, readers: ['go'] }
}

function publicKeyKind(certificate: X509Certificate): string | undefined {
  try {
    return keyKind(certificate.publicKey)
  } catch {
    return undefined // of a kind that OpenSSL does not know
  }
}
