import { type Answer, json, notFound, Refusal } from '../answers.ts'
import { byApiKey } from '../authenticate.ts'
import { judgeClientCertificate } from '../mtls.ts'
import { readJson } from '../read-json.ts'
import type { ApiRequest } from '../request.ts'
import type { Account, ServiceUser } from '../users.ts'
import type { World } from '../world.ts'
import type { Keypair } from './keypair.ts'
import { digestOf, signHash } from './sign.ts'
import { certificateOnTheWire, keypairOnTheWire } from './wire.ts'

/** What jsign asks of Software Trust: certificates by alias or id, the keypair behind one, a signature over a hash. */
const ROOT = '/signingmanager/api/v1'

interface Asked {
  world: World
  user: ServiceUser
  account: Account
  request: ApiRequest
  /** the keypair's id out of the path; empty for certificates */
  id: string
}

interface Route {
  method: string
  path: RegExp
  answer(asked: Asked): Promise<Answer>
}

const routes: readonly Route[] = [
  { method: 'GET', path: new RegExp(`^${ROOT}/certificates$`), answer: listCertificates },
  { method: 'GET', path: new RegExp(`^${ROOT}/keypairs/([^/]+)$`), answer: getKeypair },
  { method: 'POST', path: new RegExp(`^${ROOT}/keypairs/([^/]+)/sign$`), answer: postSign },
]

export function isForSoftwareTrust({ path }: ApiRequest): boolean {
  return path.startsWith(`${ROOT}/`)
}

/** Software Trust wants both: an API key, and on the clientauth host a client certificate of the same user. */
export async function softwareTrust(world: World, request: ApiRequest): Promise<Answer> {
  const user = byApiKey(world, request)
  requireSecondFactor(world, user, request)
  const route = routes.find(({ method, path }) => method === request.method && path.test(request.path))
  if (route === undefined) throw notFound('The requested resource')
  const account = user.accounts[0]
  if (account === undefined) throw new Refusal(403, 'access_denied', 'The user has no account.')
  return route.answer({ world, user, account, request, id: route.path.exec(request.path)?.[1] ?? '' })
}

function requireSecondFactor(world: World, user: ServiceUser, { clientCertificate }: ApiRequest): void {
  const judgement = judgeClientCertificate(world, clientCertificate)
  if (judgement.verdict === 'accepted' && judgement.user === user) return
  // Word for word what Software Trust says, whatever is wrong with the certificate.
  throw new Refusal(
    403,
    'access_denied',
    'User is not multi-factor authenticated. Missing Client Authentication Certificate. As per compliance rules, user needs to be authenticated using multi-factor for performing sign operation.',
  )
}

async function listCertificates({ world, account, request: { query } }: Asked): Promise<Answer> {
  const keypair = await world.keypair()
  const { id, alias } = keypair.certificate
  const wanted = (name: string, value: string) => [null, value].includes(query.get(name))
  const found = wanted('id', id) && wanted('alias', alias) && wanted('certificate_status', 'ACTIVE')
  const items = found ? [certificateOnTheWire(keypair, account)] : []
  return json(200, { total: items.length, offset: 0, limit: Number(query.get('limit') ?? 20), items })
}

async function getKeypair(asked: Asked): Promise<Answer> {
  return json(200, keypairOnTheWire(await keypairById(asked), asked.account))
}

async function postSign(asked: Asked): Promise<Answer> {
  const { user, request } = asked
  const keypair = await keypairById(asked)
  if (!user.applications.some(({ permissions }) => permissions.includes('SIGN_SM_HASH'))) {
    throw new Refusal(403, 'access_denied', 'User does not have permission SIGN_SM_HASH.')
  }
  const { sig_alg: algorithm, hash } = readJson(request)
  const digest = digestOf(algorithm)
  if (digest === undefined) throw invalidField(`Signature algorithm ${String(algorithm)} is not supported.`)
  const bytes = Buffer.from(typeof hash === 'string' ? hash : '', 'base64')
  if (bytes.length !== digest.bytes) throw invalidField(`The hash must have ${digest.bytes} bytes.`)
  const signature = signHash(keypair.privateKey, digest, bytes)
  return json(200, { id: keypair.id, signature: signature.toString('base64') })
}

async function keypairById({ world, id }: Asked): Promise<Keypair> {
  const keypair = await world.keypair()
  if (keypair.id === id) return keypair
  throw new Refusal(
    404,
    'invalid_input_field',
    `Keypair not present for given keypairId ${id}. Please provide correct keypairId.`,
  )
}

function invalidField(message: string): Refusal {
  return new Refusal(400, 'invalid_input_field', message)
}
