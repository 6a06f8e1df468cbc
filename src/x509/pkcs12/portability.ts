/** Whether other programs can use a file as is, and whether rewriting it helps. */
import type { KeyObject, X509Certificate } from 'node:crypto'
import { isDer, readDer } from '../der.ts'
import { weakness } from '../weakness.ts'
import type { Findings } from './findings.ts'
import type { Opened } from './open.ts'
import { isAuthenticatedSafe, isPfx } from './openssl-grammar.ts'
import type { Pair } from './pair.ts'
import type { Pfx } from './pfx.ts'
import { type Obstacle, obstacleOf, type Reader } from './readers.ts'

/** Who can use the file as is, with the same password; what stops the others. */
export interface Portability extends Record<Reader, boolean> {
  /** Gone when the file is rewritten, for readers that can then use it. */
  mendable: Obstacle[]
  /** In the password, the key or a certificate: they stay. */
  lasting: Obstacle[]
}

interface Found {
  pair: Pair
  /** All that are in the file. */
  certificates: X509Certificate[]
  portableChain: X509Certificate[]
}

export function judge(
  pfx: Pfx,
  password: string,
  opened: Opened,
  { pair, certificates, portableChain }: Found,
  findings: Findings,
): Portability {
  judgeLayout(pfx, password, opened, pair, findings)
  const kept = new Set([pair.certificate, ...portableChain].map(({ fingerprint256 }) => fingerprint256))
  judgeLeftOut(
    certificates.filter(({ fingerprint256 }) => !kept.has(fingerprint256)),
    findings,
  )
  judgeKeys(pair, findings)
  judgeSize(opened, findings)
  const kind = obstacleOf(`a key of the kind ${keyKind(pair.privateKey)}`)
  const issuers = portableChain.map(issuerObstacle)
  const lasting = [
    ...passwordObstacles(password),
    ...[kind ?? leafObstacle(pair.certificate), ...issuers].filter(obstacle => obstacle !== undefined),
  ]
  const lost = readersOf(lasting)
  const helped = (reader: Reader) => !lost.has(reader)
  const mendable = findings.obstacles
    .map(obstacle => ({ ...obstacle, readers: obstacle.readers.filter(helped) }))
    .filter(({ readers }) => readers.length > 0)
  const stopped = readersOf([...mendable, ...lasting])
  const reads = (reader: Reader) => !stopped.has(reader)
  return { openssl3: reads('openssl3'), java: reads('java'), go: reads('go'), mendable, lasting }
}

function readersOf(obstacles: Obstacle[]): Set<Reader> {
  return new Set(obstacles.flatMap(({ readers }) => readers))
}

function judgeLayout(pfx: Pfx, password: string, opened: Opened, pair: Pair, findings: Findings): void {
  // Without a password, no reader requires a MAC.
  if (pfx.macData === undefined && password !== '') findings.obstacle('no MAC', 'openssl3', 'go')
  if (!isPfx(pfx.value) || !isAuthenticatedSafe(readDer(pfx.authenticatedSafe)))
    findings.obstacle('a structure that OpenSSL does not read', 'openssl3')
  if (!pfx.byTheBook) findings.obstacle('a safe of an unusual structure', 'go')
  const strict = [pfx.der, pfx.authenticatedSafe, ...opened.certificates.map(({ der }) => der)]
  if (!strict.every(isDer)) findings.obstacle('BER in place of DER', 'go')
  if (opened.keys.length > 1) findings.obstacle('several private keys', 'go')
  if (opened.certificates[0]?.der !== pair.bags.certificate.der)
    findings.obstacle('another certificate before that of the key', 'go')
  if (findAsJava(pair.bags.key, opened.certificates)?.der !== pair.bags.certificate.der)
    findings.obstacle('nothing but the public key to tie the certificate to the private key', 'java')
}

/** `SSL_MAX_CERT_LIST_DEFAULT`: more than that servers with OpenSSL do not take. */
const MOST_CERTIFICATE_BYTES = 100 * 1024
/** Of each certificate in the message: its length, and that of its extensions. */
const OVERHEAD = 5

/** curl presents everything in the file; what a rewritten one does not contain is no obstacle. */
function judgeLeftOut(certificates: X509Certificate[], findings: Findings): void {
  for (const certificate of certificates) {
    const weak = weakness(certificate)
    if (weak !== undefined) findings.obstacle(`a CA certificate with ${weak}`, 'openssl3')
    const obstacle = issuerObstacle(certificate)
    if (obstacle !== undefined) findings.obstacle(obstacle.what, ...obstacle.readers)
  }
}

function judgeKeys({ otherKeys }: Pair, findings: Findings): void {
  for (const key of otherKeys) {
    const obstacle = key === undefined ? UNREADABLE_KEY : obstacleOf(`a key of the kind ${keyKind(key)}`)
    if (obstacle?.readers.includes('openssl3')) findings.obstacle(`besides, ${obstacle.what}`, 'openssl3')
  }
}

const UNREADABLE_KEY: Obstacle = { what: 'a private key that cannot be read', readers: ['openssl3'] }

function judgeSize({ certificates }: Opened, findings: Findings): void {
  const bytes = certificates.reduce((sum, { der }) => sum + der.length + OVERHEAD, 0)
  if (bytes > MOST_CERTIFICATE_BYTES)
    findings.obstacle('more CA certificates than a server takes in a handshake', 'openssl3')
}

function leafObstacle(leaf: X509Certificate): Obstacle | undefined {
  const weak = weakness(leaf)
  return weak === undefined ? undefined : { what: `a certificate with ${weak}`, readers: ['openssl3'] }
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
