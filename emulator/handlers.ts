import {
  type Answer,
  type ErrorShape,
  errorAnswer,
  invalidRequest,
  json,
  nginxRefusal,
  noContent,
  notFound,
  Refusal,
  webApplication,
} from './answers.ts'
import { authenticate } from './authenticate.ts'
import { issueCertificate } from './certificates.ts'
import { withHistory } from './history.ts'
import { judgeClientCertificate, type Verdict } from './mtls.ts'
import { entriesOf, pageOf } from './paging.ts'
import { readJson } from './read-json.ts'
import type { ApiRequest } from './request.ts'
import { isForSoftwareTrust, softwareTrust } from './software-trust/handlers.ts'
import type { CertificateRecord } from './store.ts'
import type { Operation, ServiceUser } from './users.ts'
import { issuedOnTheWire, recordOnTheWire, userOnTheWire } from './wire.ts'
import type { World } from './world.ts'

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

/** The whole of DigiCert ONE as a function: a request and a world in, a response out. */
export async function handle(world: World, request: ApiRequest): Promise<Answer> {
  const signing = isForSoftwareTrust(request)
  const shape = errorShapeOf(world, request)
  const place = { path: request.path, time: world.clock.now() }
  try {
    const early = refuseLikeNginx(world, request) ?? besideTheApi(request)
    return early ?? (await (signing ? softwareTrust : accountManager)(world, request))
  } catch (error) {
    if (error instanceof Refusal) {
      const answer = errorAnswer(error.status, error, shape, place)
      return { ...answer, headers: { ...answer.headers, ...error.headers } }
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return errorAnswer(500, { code: 'internal_error', message }, shape, place)
  }
}

/** Each of the two services has its own way to write errors. */
export function errorShapeOf(world: World, request: Pick<ApiRequest, 'path'>): ErrorShape {
  return (isForSoftwareTrust(request) ? world.softwareTrust : world).settings.errorShape
}

async function accountManager(world: World, request: ApiRequest): Promise<Answer> {
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

/** What nginx itself can see in a certificate. Only the application behind it knows whether it was disabled. */
export const TRANSPORT_VERDICTS: readonly Verdict[] = ['missing', 'foreign', 'not-yet-valid', 'expired']

function refuseLikeNginx(world: World, { host, clientCertificate }: ApiRequest): Answer | undefined {
  if (world.settings.refuseCertificatesIn !== 'nginx' || host !== 'clientauth') return undefined
  const { verdict } = judgeClientCertificate(world, clientCertificate)
  if (!TRANSPORT_VERDICTS.includes(verdict)) return undefined
  return nginxRefusal(verdict === 'missing' ? 'missing' : 'bad')
}

function besideTheApi({ path }: ApiRequest): Answer | undefined {
  return path.includes('//') ? webApplication() : undefined
}

// What they request

async function postCertificate(world: World, user: ServiceUser, request: ApiRequest): Promise<Answer> {
  const { csr, name, exp } = readJson(request)
  if (typeof csr !== 'string' || csr === '') throw invalidRequest('csr is required')
  const record = await issueCertificate(world, user, { csr, name, exp })
  return json(201, issuedOnTheWire(record, world.authority, world.settings))
}

function listCertificates(world: World, user: ServiceUser, request: ApiRequest): Answer {
  const userId = request.query.get('user_id')
  if (userId === null && world.settings.listUserId === 'required') throw invalidRequest('user_id is required')
  if (userId !== null && userId !== user.id) throw notFound(`User ${userId}`)
  const write = (record: CertificateRecord) => recordOnTheWire(record, world.settings)
  const known = entriesOf(world.store.certificatesOf(user), write)
  const entries = world.settings.history === 0 ? known : withHistory(known, world, user)
  return pageOf(entries, request, world.settings.paging)
}

function putEnable(world: World, user: ServiceUser, request: ApiRequest, id: string): Answer {
  const record = world.store.certificateOf(user, id)
  if (record === undefined) throw notFound(`Client authentication certificate ${id}`)
  const { enabled } = readJson(request)
  if (typeof enabled !== 'boolean') throw invalidRequest('enabled must be true or false')
  const { enableAnswer } = world.settings
  const before = { ...record }
  if (enableAnswer !== 'ignore') setEnabled(world, record, enabled)
  if (enableAnswer === 'empty') return noContent()
  if (enableAnswer === 'object') return json(200, {})
  return json(200, recordOnTheWire(enableAnswer === 'record' ? record : before, world.settings))
}

/** The mTLS host learns of it later. */
function setEnabled({ front, clock, settings }: World, record: CertificateRecord, enabled: boolean): void {
  if (record.enabled === enabled) return
  const now = clock.now()
  front.lag(record, front.knows(record, now), now, enabled ? settings.delays.enable : settings.delays.disable)
  record.enabled = enabled
}

function getMe({ settings }: World, user: ServiceUser): Answer {
  return json(200, userOnTheWire(user, settings))
}
