import { randomBytes } from 'node:crypto'
import type { Answer } from '../answers.ts'
import { type Address, readAddress } from './address.ts'
import { errorAnswer, GithubRefusal, noContent, notFound, refusalAnswer } from './answers.ts'
import { findSecret, getPublicKey, getRepositories, getSecret } from './read.ts'
import { getRun } from './read-run.ts'
import type { Scope } from './scopes.ts'
import { authenticate, authorize } from './tokens.ts'
import type { GithubWorld } from './world.ts'
import { putSecret } from './write.ts'

/** An HTTP request after it has been read from its socket. */
export interface GithubRequest {
  method: string
  /** as received, with the base path */
  path: string
  query: URLSearchParams
  authorization: string | undefined
  body: string
}

/** GitHub's API for secrets and workflow runs as a function: a request and a world in, a response out. */
export function handle(world: GithubWorld, request: GithubRequest): Answer {
  const answer = answerOrRefusal(world, request)
  return { ...answer, headers: { ...usualHeaders(), ...answer.headers } }
}

function answerOrRefusal(world: GithubWorld, request: GithubRequest): Answer {
  try {
    world.limiter.check(request.method)
    return route(world, request)
  } catch (error) {
    if (error instanceof GithubRefusal) return refusalAnswer(error)
    return errorAnswer(500, error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

function route(world: GithubWorld, request: GithubRequest): Answer {
  const token = authenticate(world.tokens, request.authorization)
  const { basePath } = world
  const path = request.path.startsWith(`${basePath}/`) ? request.path.slice(basePath.length) : ''
  const run = getRun(world, token, request.method, path)
  if (run !== undefined) return run
  const address = readAddress(path)
  if (address === undefined || world.scopes.find(address.owner) === undefined) throw notFound()
  const need = request.method === 'GET' ? 'read' : 'write'
  const permissions = { 'x-accepted-github-permissions': `${address.permission}=${need}` }
  try {
    authorize(token, address.owner, need)
  } catch (error) {
    if (error instanceof GithubRefusal && error.status === 403) Object.assign(error.headers, permissions)
    throw error
  }
  const scope = world.scopes.find(address.scope)
  if (scope === undefined) throw notFound()
  const answer = answerFor(world, scope, address, path, request)
  return { ...answer, headers: { ...permissions, ...answer.headers } }
}

function answerFor(
  world: GithubWorld,
  scope: Scope,
  { name, repositories }: Address,
  path: string,
  { method, query, body }: GithubRequest,
): Answer {
  if (method === 'GET') {
    if (repositories) return getRepositories(world, findSecret(scope, name), path, query)
    return name === 'public-key' ? getPublicKey(scope) : getSecret(world, scope, name)
  }
  if (repositories) throw notFound()
  if (method === 'PUT') return putSecret(world, scope, name, body)
  if (method === 'DELETE' && scope.secrets.delete(name.toUpperCase())) return noContent()
  throw notFound()
}

const HOURLY_LIMIT = 5000

/** The primary limit is never reached here: a fault can say that it is. */
function usualHeaders(): Record<string, string> {
  return {
    'x-github-request-id': randomBytes(16).toString('hex').toUpperCase(),
    'x-ratelimit-limit': String(HOURLY_LIMIT),
    'x-ratelimit-remaining': String(HOURLY_LIMIT - 1),
    'x-ratelimit-used': '1',
    'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 3600),
    'x-ratelimit-resource': 'core',
  }
}
