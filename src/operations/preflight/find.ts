/** From the user's aliases to what Software Trust has under them. */
import type { Page } from '../../digicert/json.ts'
import type { Keypair, SigningCertificate } from '../../digicert/signing-records.ts'
import type { SoftwareTrust } from '../../digicert/software-trust.ts'
import { nearestAliases } from './alike.ts'
import { certificateOfOther, noCertificate, unknownCertificate, unknownKeypair } from './errors.ts'
import type { Found, SigningRequest } from './types.ts'

/** Enough to find the alias that was meant; the step has failed already. */
const MOST_COMPARED = 2_000
const MOST_PAGES = 20
/** More certificates than that no keypair has. */
const MOST_LOOKED_AT = 20

/**
 * With as few requests as the responses allow: one where a keypair comes with its certificates, or a certificate with a
 * keypair that is not limited to users.
 * @throws ActionError KEYPAIR_UNKNOWN, KEYPAIR_NO_CERTIFICATE, SIGNING_CERT_UNKNOWN
 */
export async function find(
  { keypairAlias, certificateAlias }: SigningRequest,
  trust: SoftwareTrust,
): Promise<Found> {
  if (certificateAlias !== '') return await findByCertificate(certificateAlias, keypairAlias, trust)
  const keypair = await findKeypair(keypairAlias, trust)
  return { keypair, certificate: await defaultCertificate(keypair, trust) }
}

async function findKeypair(alias: string, trust: SoftwareTrust): Promise<Keypair> {
  const keypair = await trust.keypairNamed(alias)
  if (keypair === undefined) throw unknownKeypair(alias, await nearestOf(alias, trust.keypairs()))
  return keypair.limited === true && keypair.users === undefined ? await whole(keypair, trust) : keypair
}

async function findByCertificate(alias: string, keypairAlias: string, trust: SoftwareTrust): Promise<Found> {
  const named = await trust.certificatesNamed(alias)
  const isOfKeypair = ({ keypair }: SigningCertificate) =>
    keypairAlias === '' || keypair === undefined || keypair.exactAlias === keypairAlias
  const certificate = preferred(named.filter(isOfKeypair))
  if (certificate !== undefined) {
    return { certificate, keypair: await keypairOf(certificate, keypairAlias, trust) }
  }
  // An alias that no keypair has is the first thing to fix.
  const keypair = keypairAlias === '' ? undefined : await findKeypair(keypairAlias, trust)
  const [other] = named
  if (other !== undefined && keypair !== undefined)
    throw certificateOfOther(other, keypair, other.keypair?.alias ?? '')
  throw unknownCertificate(alias, await nearestOf(alias, trust.certificates()))
}

/** The keypair of a certificate, with its users when it is limited to some. */
async function keypairOf(
  certificate: SigningCertificate,
  keypairAlias: string,
  trust: SoftwareTrust,
): Promise<Keypair> {
  const { keypair } = certificate
  if (keypair === undefined) {
    if (keypairAlias === '') return { ...NAMELESS }
    const named = await findKeypair(keypairAlias, trust)
    const owned = named.certificates?.some(({ id }) => id === certificate.id)
    if (owned === false) throw certificateOfOther(certificate, named, '')
    return named
  }
  const known: Keypair = { ...NAMELESS, ...keypair }
  return keypair.limited === false ? known : await whole(known, trust)
}

/** Of a certificate that does not say whose it is. */
const NAMELESS: Keypair = {
  id: '',
  exactAlias: '',
  alias: '',
  limited: undefined,
  users: undefined,
  byGroup: false,
  signable: false,
  certificates: undefined,
}

/** Where a list leaves out who may sign, the keypair itself may say it. */
async function whole(keypair: Keypair, trust: SoftwareTrust): Promise<Keypair> {
  const asked = keypair.id === '' ? undefined : await trust.keypair(keypair.id)
  return asked ?? keypair
}

async function defaultCertificate(keypair: Keypair, trust: SoftwareTrust): Promise<SigningCertificate> {
  const sent = keypair.certificates ?? []
  const known = sent.length > 0 ? sent : await listedOf(keypair, trust)
  const marked = known.find(({ isDefault }) => isDefault === true)
  const candidates = marked === undefined ? known.slice(0, MOST_LOOKED_AT) : [marked]
  const complete: SigningCertificate[] = []
  for (const candidate of candidates) complete.push(await completed(candidate, trust))
  const chosen = preferred(complete)
  if (chosen === undefined) throw noCertificate(keypair)
  return chosen
}

/** The certificates of a keypair that came without any, out of all that may be seen. */
async function listedOf({ id, exactAlias }: Keypair, trust: SoftwareTrust): Promise<SigningCertificate[]> {
  const own: SigningCertificate[] = []
  for await (const { records } of trust.certificates()) {
    own.push(...records.filter(({ keypair }) => keypair?.id === id || keypair?.exactAlias === exactAlias))
  }
  return own
}

/** A keypair may come with no more than the ids of its certificates. */
async function completed(certificate: SigningCertificate, trust: SoftwareTrust): Promise<SigningCertificate> {
  const { id, certificate: text } = certificate
  if (text !== '' || id === '') return certificate
  return { ...certificate, ...(await trust.certificate(id)) }
}

/** The default one, else one that can sign, else any. */
function preferred(certificates: SigningCertificate[]): SigningCertificate | undefined {
  return (
    certificates.find(({ isDefault }) => isDefault === true) ?? certificates.find(canSign) ?? certificates[0]
  )
}

/** False only when the server says otherwise. */
export function canSign({ status }: SigningCertificate): boolean {
  return status === '' || status.toUpperCase() === 'ACTIVE'
}

/** Undefined when the service does not say which there are: then the alias is all that can be named. */
async function nearestOf(
  alias: string,
  pages: AsyncGenerator<Page<{ exactAlias: string }>>,
): Promise<string[] | undefined> {
  const aliases: string[] = []
  let count = 0
  try {
    for await (const { records } of pages) {
      aliases.push(...records.map(({ exactAlias }) => exactAlias))
      if (aliases.length >= MOST_COMPARED || ++count === MOST_PAGES) break
    }
  } catch {
    return undefined
  }
  return nearestAliases(alias, aliases)
}
