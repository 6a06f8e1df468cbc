import {
  type Answer,
  errorAnswer,
  invalidRequest,
  json,
  nginxRefusal,
  noAuthentication,
  notFound,
  Refusal,
} from './answers.ts'
import { issueCertificate } from './certificates.ts'
import { judgeClientCertificate, userWorks, type Verdict } from './mtls.ts'
import { pageOf } from './paging.ts'
import type { CertificateRecord } from './store.ts'
import type { Operation, ServiceUser } from './users.ts'
import { issuedOnTheWire, recordOnTheWire, userOnTheWire } from './wire.ts'
import type { World } from './world.ts'

/** Which of the two names a request came in by. */
export type HostKind = 'api' | 'clientauth'

/** An HTTP request after it has left its socket. */
export interface ApiRequest {
  method: string
  path: string
  query: URLSearchParams
  host: HostKind
  apiKey: string | undefined
  contentType: string | undefined
  /** DER of the client certificate; undefined when none was sent, and always on the API host */
  clientCertificate: Buffer | undefined
  body: string
}

interface Route {
  method: string
  path: RegExp
  operation: Operation
  answer(world: World, user: ServiceUser, request: ApiRequest, id: string): Answer | Promise<Answer>
}

const CERTIFICATES = '/account/api/v1/client-auth-certificate'

const routes: readonly Route[] = [
  { method: 'POST', path: new RegExp(`^${CERTIFICATES}$`), operation: 'issue', answer: postCertificate },
  { method: 'GET', path: new RegExp(`^${CERTIFICATES}$`), operation: 'list', answer: listCertificates },
  {
    method: 'PUT',
    path: new RegExp(`^${CERTIFICATES}/([^/]+)/enable$`),
    operation: 'access',
    answer: putEnable,
  },
  { method: 'GET', path: /^\/account\/api\/v1\/user\/me$/, operation: 'me', answer: getMe },
]

/** The whole of DigiCert ONE as a function: a request and a world in, an answer out. */
export async function handle(world: World, request: ApiRequest): Promise<Answer> {
  const shape = world.settings.errorShape
  try {
    const early = refuseLikeNginx(world, request)
    return early ?? (await route(world, request))
  } catch (error) {
    if (error instanceof Refusal) return errorAnswer(error.status, error, shape)
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return errorAnswer(500, { code: 'internal_error', message }, shape)
  }
}

async function route(world: World, request: ApiRequest): Promise<Answer> {
  const user = authenticate(world, request)
  const sharing = routes.filter(candidate => candidate.path.test(request.path))
  const found = sharing.find(candidate => candidate.method === request.method)
  if (sharing.length === 0) throw notFound('The requested resource')
  if (found === undefined)
    throw new Refusal(405, 'invalid_request', `${request.method} is not supported here`)
  if (user.denied.includes(found.operation)) {
    throw new Refusal(403, 'access_denied', 'You do not have permission to perform this operation.')
  }
  const id = found.path.exec(request.path)?.[1] ?? ''
  return found.answer(world, user, request, id)
}

// Who is asking

function authenticate(world: World, request: ApiRequest): ServiceUser {
  return request.host === 'clientauth' ? byCertificate(world, request) : byApiKey(world, request)
}

function byApiKey(world: World, { apiKey }: ApiRequest): ServiceUser {
  if (apiKey === undefined) throw noAuthentication()
  const user = world.store.userByKey(apiKey)
  if (user === undefined) throw new Refusal(401, 'invalid_api_key', 'The API key is not valid.')
  if (userWorks(world, user)) return user
  throw world.settings.inactiveUserStatus === 401
    ? new Refusal(401, 'invalid_api_key', 'The API key is not active.')
    : new Refusal(403, 'access_denied', 'The user is not active.')
}

/** The certificate alone decides here: an API key beside it is neither needed nor looked at. */
function byCertificate(world: World, { clientCertificate }: ApiRequest): ServiceUser {
  const { verdict, user } = judgeClientCertificate(world, clientCertificate)
  if (verdict === 'accepted' && user !== undefined) return user
  throw noAuthentication(verdict === 'expired' ? world.settings.expiredCertificateStatus : 403)
}

/** What nginx can see by itself in a certificate. Whether it was disabled only the application behind it knows. */
export const TRANSPORT_VERDICTS: readonly Verdict[] = ['missing', 'foreign', 'not-yet-valid', 'expired']

function refuseLikeNginx(world: World, { host, clientCertificate }: ApiRequest): Answer | undefined {
  if (world.settings.refuseCertificatesIn !== 'nginx' || host !== 'clientauth') return undefined
  const { verdict } = judgeClientCertificate(world, clientCertificate)
  if (!TRANSPORT_VERDICTS.includes(verdict)) return undefined
  return nginxRefusal(verdict === 'missing' ? 'missing' : 'bad')
}

// What they ask for

async function postCertificate(world: World, user: ServiceUser, request: ApiRequest): Promise<Answer> {
  const { csr, name, exp } = readJson(request)
  if (typeof csr !== 'string' || csr === '') throw invalidRequest('csr is required')
  const record = await issueCertificate(world, user, { csr, name, exp })
  return json(201, issuedOnTheWire(record, caCert(world), world.settings))
}

function caCert({ authority, settings }: World): string {
  return settings.caCert === 'chain' ? authority.chainPem.join('') : authority.certificatePem
}

function listCertificates(world: World, user: ServiceUser, request: ApiRequest): Answer {
  const write = (record: CertificateRecord) => recordOnTheWire(record, world.settings)
  return pageOf(world.store.certificatesOf(user), write, request, world.settings.paging)
}

function putEnable(world: World, user: ServiceUser, request: ApiRequest, id: string): Answer {
  const record = world.store.certificateOf(user, id)
  if (record === undefined) throw notFound(`Client authentication certificate ${id}`)
  const { enabled } = readJson(request)
  if (typeof enabled !== 'boolean') throw invalidRequest('enabled must be true or false')
  record.enabled = enabled
  return json(200, recordOnTheWire(record, world.settings))
}

function getMe(_world: World, user: ServiceUser): Answer {
  return json(200, userOnTheWire(user))
}

function readJson({ contentType, body }: ApiRequest): Record<string, unknown> {
  if (contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw new Refusal(415, 'invalid_request', 'Content-Type must be application/json')
  }
  const value = parseJson(body)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw invalidRequest('The request body must be a JSON object')
  }
  return { ...value }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidRequest('The request body is not valid JSON')
  }
}
