import { type Answer, json, notFound, Refusal } from '../answers.ts'
import { byApiKey } from '../authenticate.ts'
import { readJson } from '../read-json.ts'
import type { ApiRequest } from '../request.ts'
import type { Operation } from '../users.ts'
import type { World } from '../world.ts'
import { absentAnswer, maySee, requireFactors, requireToSign } from './access.ts'
import type { Keypair } from './keypair.ts'
import { isAskedFor, listOf } from './list.ts'
import { algorithmFor } from './sign.ts'
import { type Certified, certificateOnTheWire, keypairOnTheWire, type Reader } from './wire.ts'

/** Requests to Software Trust: lists of keypairs and certificates, a single one, a signature over a hash. */
const ROOT = '/signingmanager/api/v1'

interface Asked extends Reader {
  request: ApiRequest
  /** that the user sees */
  keypairs: readonly Keypair[]
  /** from the path; empty for lists */
  id: string
}

interface Route {
  method: string
  path: RegExp
  operation: Operation
  answer(asked: Asked): Answer
}

const routes: readonly Route[] = [
  { method: 'GET', path: at('keypairs'), operation: 'keypairs', answer: listKeypairs },
  { method: 'GET', path: at('keypairs/([^/]+)'), operation: 'keypairs', answer: getKeypair },
  { method: 'GET', path: at('certificates'), operation: 'certificates', answer: listCertificates },
  { method: 'GET', path: at('certificates/([^/]+)'), operation: 'certificates', answer: getCertificate },
  { method: 'POST', path: at('keypairs/([^/]+)/sign'), operation: 'sign', answer: postSign },
]

function at(path: string): RegExp {
  return new RegExp(`^${ROOT}/${path}$`)
}

export function isForSoftwareTrust({ path }: Pick<ApiRequest, 'path'>): boolean {
  return path.startsWith(`${ROOT}/`)
}

export async function softwareTrust(world: World, request: ApiRequest): Promise<Answer> {
  const user = byApiKey(world, request)
  const { settings, catalogue } = world.softwareTrust
  if (settings.absent !== null) return absentAnswer(settings.absent)
  requireFactors(world, user, request)
  const route = routes.find(({ method, path }) => method === request.method && path.test(request.path))
  if (route === undefined) throw notFound('The requested resource')
  const account = user.accounts[0]
  if (account === undefined) throw new Refusal(403, 'access_denied', 'The user has no account.')
  if (user.denied.includes(route.operation)) {
    throw new Refusal(403, 'access_denied', 'You do not have permission to perform this operation.')
  }
  const keypairs = (await catalogue.keypairs()).filter(keypair => maySee(world, user, keypair))
  const id = route.path.exec(request.path)?.[1] ?? ''
  return route.answer({ user, account, settings, request, keypairs, id })
}

// What they request

function listKeypairs({ keypairs, request: { query }, ...reader }: Asked): Answer {
  const found = keypairs.filter(keypair => isAskedFor(keypair, query, reader.settings))
  return listOf(found, keypair => keypairOnTheWire(keypair, reader), query, reader.settings)
}

function getKeypair({ keypairs, id, ...reader }: Asked): Answer {
  return json(200, keypairOnTheWire(keypairById(keypairs, id), reader))
}

function listCertificates({ keypairs, request: { query }, ...reader }: Asked): Answer {
  const status = query.get('certificate_status')
  const found = certified(keypairs).filter(
    ({ certificate }) =>
      isAskedFor(certificate, query, reader.settings) && [null, certificate.status].includes(status),
  )
  return listOf(found, one => certificateOnTheWire(one, reader), query, reader.settings)
}

function getCertificate({ keypairs, id, ...reader }: Asked): Answer {
  const found = certified(keypairs).find(({ certificate }) => certificate.id === id)
  if (found === undefined) throw unknownId('Certificate', 'certificateId', id)
  return json(200, certificateOnTheWire(found, reader))
}

function postSign({ keypairs, id, user, request }: Asked): Answer {
  const keypair = keypairById(keypairs, id)
  requireToSign(user, keypair)
  const { sig_alg: name, hash } = readJson(request)
  const algorithm = algorithmFor(keypair.privateKey, name)
  if (algorithm === undefined) throw invalidField(`Signature algorithm ${String(name)} is not supported.`)
  const bytes = Buffer.from(typeof hash === 'string' ? hash : '', 'base64')
  if (bytes.length !== algorithm.bytes) throw invalidField(`The hash must have ${algorithm.bytes} bytes.`)
  const signature = algorithm.sign(keypair.privateKey, bytes)
  return json(200, { id: keypair.id, signature: signature.toString('base64') })
}

function certified(keypairs: readonly Keypair[]): Certified[] {
  return keypairs.flatMap(keypair => keypair.certificates.map(certificate => ({ certificate, keypair })))
}

function keypairById(keypairs: readonly Keypair[], id: string): Keypair {
  const keypair = keypairs.find(candidate => candidate.id === id)
  if (keypair === undefined) throw unknownId('Keypair', 'keypairId', id)
  return keypair
}

function unknownId(what: string, field: string, id: string): Refusal {
  return new Refusal(
    404,
    'invalid_input_field',
    `${what} not present for given ${field} ${id}. Please provide correct ${field}.`,
  )
}

function invalidField(message: string): Refusal {
  return new Refusal(400, 'invalid_input_field', message)
}
