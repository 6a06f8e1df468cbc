import { createAuthority } from '../ca.ts'
import { type Clock, createClock } from '../clock.ts'
import { FaultBook, type Faults } from '../faults.ts'
import { createServerCertificate, type ServerCertificateKind } from '../server-certificates.ts'
import type { GithubLog } from './exchange.ts'
import { type Limits, RateLimiter } from './limits.ts'
import { type RunOptions, Runs, type WorkflowRun } from './runs.ts'
import { Scopes } from './scopes.ts'
import { prepareSealedBoxes } from './sealed-boxes.ts'
import { type Secret, secretName } from './secret.ts'
import { startGithubServer } from './server.ts'
import { createToken, type TokenOptions } from './tokens.ts'
import type { GithubWorld } from './world.ts'
import { storeSecret } from './write.ts'

export type { GithubLog } from './exchange.ts'
export type { Limits } from './limits.ts'
export type { RunOptions, WorkflowRun } from './runs.ts'
export type { Secret, Visibility } from './secret.ts'
export type { TokenKind, TokenOptions } from './tokens.ts'

export interface GithubOptions {
  /** default 0: any free port */
  port?: number
  /** default `localhost` */
  host?: string
  /** default true; false for plain HTTP */
  tls?: boolean
  /** the certificate it presents in TLS; default `valid` */
  serverCertificate?: ServerCertificateKind
  /** default ''; `/api/v3` as on GitHub Enterprise Server */
  basePath?: string
  /** what time it is there; default: its own clock */
  clock?: Clock
  /** called after a response was sent, or a fault broke the connection */
  onRequest?: (request: GithubLog) => void
}

/**
 * A running GitHub. Scopes are written as in the input `targets`: `owner/repo`, `owner/repo:environment`, `org:owner`.
 * Everything on it is live: the next request sees what a test changes.
 */
export interface Github {
  port: number
  /** with the base path, without a trailing slash */
  apiUrl: string
  /** trust anchor of the server certificate; '' without TLS */
  caPem: string
  clock: Clock
  faults: Faults
  requests: GithubLog[]
  /** the most concurrent requests so far */
  readonly mostAtOnce: number
  /** the secondary rate limit; none at first */
  limits: Limits
  /** may do everything */
  token: string
  addToken(options: TokenOptions): string
  /** a second time, only adds the new environments; @returns the repository's id */
  addRepository(fullName: string, options?: { environments?: readonly string[] }): number
  addOrganization(name: string): void
  /** a workflow run, live; without an id it gets a new one, and it is in progress unless `status` says otherwise */
  addRun(repository: string, options?: RunOptions): WorkflowRun
  run(repository: string, id: number): WorkflowRun | undefined
  /** a copy, opened; undefined when the scope has no such secret */
  secret(scope: string, name: string): Secret | undefined
  /** as if somebody had written it by hand; an organization's is visible to `all` unless set otherwise */
  setSecret(scope: string, name: string, value: string, options?: SetOptions): void
  deleteSecret(scope: string, name: string): void
  /** removes secrets, runs, faults, requests and limits, and sets its own clock to the machine's time. Scopes and tokens stay */
  reset(): void
  close(): Promise<void>
}

export type SetOptions = Partial<Pick<Secret, 'updatedAt' | 'visibility' | 'selectedRepositoryIds'>>

export async function startGithub(options: GithubOptions = {}): Promise<Github> {
  const { port = 0, host = 'localhost', tls = true, basePath = '', onRequest = () => undefined } = options
  await prepareSealedBoxes()
  const world = createWorld(options.clock ?? createClock(), basePath)
  const faults = new FaultBook()
  const { caPem, certificate } = tls
    ? await createIdentity(host, options.serverCertificate ?? 'valid')
    : { caPem: '', certificate: undefined }
  const server = await startGithubServer(world, faults, { port, certificate, onRequest })
  world.apiUrl = `${tls ? 'https' : 'http'}://${host}:${server.port}${basePath}`
  const { limiter, clock } = world
  return {
    port: server.port,
    apiUrl: world.apiUrl,
    caPem,
    clock,
    faults,
    requests: server.requests,
    get mostAtOnce() {
      return limiter.mostOpen
    },
    limits: limiter.limits,
    ...worldApi(world),
    reset() {
      faults.clear()
      limiter.reset()
      world.scopes.clearSecrets()
      world.runs.clear()
      server.requests.length = 0
      if (options.clock === undefined) clock.reset()
    },
    close: server.close,
  }
}

function createWorld(clock: Clock, basePath: string): GithubWorld {
  return {
    apiUrl: '',
    basePath,
    scopes: new Scopes(),
    runs: new Runs(),
    tokens: [],
    limiter: new RateLimiter(),
    clock,
  }
}

async function createIdentity(host: string, kind: ServerCertificateKind) {
  const authority = await createAuthority({
    commonName: 'Embedded GitHub Server CA',
    key: 'ec',
    onlyFor: [host],
  })
  const certificate = await createServerCertificate(authority, kind, [host])
  return { caPem: authority.certificatePem, certificate }
}

type WorldApi = Pick<
  Github,
  | 'token'
  | 'addToken'
  | 'addRepository'
  | 'addOrganization'
  | 'addRun'
  | 'run'
  | 'secret'
  | 'setSecret'
  | 'deleteSecret'
>

function worldApi(world: GithubWorld): WorldApi {
  const { scopes } = world
  const addToken = (options: TokenOptions) => {
    const token = createToken(options)
    world.tokens.push(token)
    return token.value
  }
  return {
    token: addToken({ permissions: 'write' }),
    addToken,
    addRepository: (fullName, { environments = [] } = {}) => scopes.addRepository(fullName, environments),
    addOrganization: name => scopes.addOrganization(name),
    addRun: (repository, options) => world.runs.add(repository, world.clock.now(), options),
    run: (repository, id) => world.runs.find(repository, id),
    secret: (scope, name) => copyOf(scopes.get(scope).secrets.get(name.toUpperCase())),
    setSecret: (scope, name, value, options) => setSecret(world, scope, name, value, options),
    deleteSecret: (scope, name) => void scopes.get(scope).secrets.delete(name.toUpperCase()),
  }
}

function copyOf(secret: Secret | undefined): Secret | undefined {
  if (secret?.selectedRepositoryIds === undefined) return secret && { ...secret }
  return { ...secret, selectedRepositoryIds: [...secret.selectedRepositoryIds] }
}

function setSecret(
  world: GithubWorld,
  scope: string,
  name: string,
  value: string,
  options: SetOptions = {},
): void {
  const access = scope.toLowerCase().startsWith('org:') ? { visibility: 'all' as const } : {}
  storeSecret(world, world.scopes.get(scope), secretName(name), { value, ...access, ...options })
}
