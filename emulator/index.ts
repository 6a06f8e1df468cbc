import { type Authority, type AuthorityKey, createAuthority } from './ca.ts'
import {
  addRecords,
  type BulkRecord,
  CLIENT_CA_NAME,
  issueCertificate,
  type Minted,
  type MintOptions,
  mintCertificate,
} from './certificates.ts'
import { type Clock, createClock } from './clock.ts'
import { FaultBook, type Faults } from './faults.ts'
import { Front } from './front.ts'
import type { ConnectionCounters, LoggedRequest } from './log.ts'
import { RateLimiter } from './rate-limit.ts'
import type { HostKind } from './request.ts'
import { startServer } from './server.ts'
import { createServerCertificate, type ServerCertificateKind } from './server-certificates.ts'
import { defaultSettings, type Settings } from './settings.ts'
import type { ExampleKeypair } from './software-trust/catalogue.ts'
import {
  createSoftwareTrust,
  resetSoftwareTrust,
  type SoftwareTrust,
  softwareTrustApi,
} from './software-trust/index.ts'
import type { SoftwareTrustSettings } from './software-trust/settings.ts'
import { type CertificateRecord, Store } from './store.ts'
import { createUser, type ServiceUser, type UserOptions } from './users.ts'
import { issuedOnTheWire } from './wire.ts'
import type { World } from './world.ts'

export { type ErrorShape, type ErrorText, Refusal } from './answers.ts'
export type { BulkRecord, Minted, MintIssuer, MintOptions } from './certificates.ts'
export type { Clock } from './clock.ts'
export { DAY } from './clock.ts'
export type { Fault, FaultAnswer, FaultEffect, FaultHandle, Faults, Moment } from './faults.ts'
export type { KeyType, PublicKeyInput } from './keys.ts'
export type { ConnectionCounters, LoggedRequest } from './log.ts'
export type { Verdict } from './mtls.ts'
export type { HostKind } from './request.ts'
export type { ServerCertificateKind } from './server-certificates.ts'
export type { Delays, EnableAnswer, Paging, Settings } from './settings.ts'
export type { BulkKeypair, ExampleKeypair } from './software-trust/catalogue.ts'
export type { CertificateOptions, CodeSigningCertificate } from './software-trust/certificate.ts'
export type { SoftwareTrust } from './software-trust/index.ts'
export type { Keypair, KeypairOptions, SigningKeyType, UserGroup } from './software-trust/keypair.ts'
export type { Absent, SoftwareTrustSettings } from './software-trust/settings.ts'
export type { CertificateRecord } from './store.ts'
export type { Account, Application, Operation, ServiceUser, UserOptions } from './users.ts'

export interface EmulatorOptions {
  /** default 0: any free port */
  port?: number
  /**
   * a port of its own for the mTLS host, whose name is then `host` unless set otherwise: for clients that cannot
   * resolve names under `localhost`. 0: any free port. Default: the same port, distinguished by name
   */
  clientauthPort?: number
  /** name of the API host; default `localhost` */
  host?: string
  /** name of the mTLS host; default `clientauth.` + host, or host when it has a port of its own */
  clientauthHost?: string
  /** service users; default one, with the tutorial's applications and permissions */
  users?: readonly UserOptions[]
  /** see Settings; all of it can be changed later through `emulator.settings` */
  settings?: Partial<Settings>
  /** likewise; later through `emulator.softwareTrust.settings` */
  softwareTrust?: Partial<SoftwareTrustSettings>
  /** key of the CA that signs client certificates; default `ec`. `rsa` takes 50–150 ms longer to start */
  clientCaKey?: AuthorityKey
  /** default false: a root signs. true: an issuing CA below a root does */
  intermediate?: boolean
  /** the certificate that the server presents in TLS, for both hosts or for each; default `valid` */
  serverCertificate?: ServerCertificateKind | Partial<Record<HostKind, ServerCertificateKind>>
  /** default `TLSv1.3`; never below 1.2 */
  maxTlsVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** called after a response was sent, or a fault broke the connection */
  onRequest?: (request: LoggedRequest) => void
}

/** A running DigiCert ONE. Everything on it is live: the next request sees what a test changes. */
export interface Emulator {
  port: number
  /** `https://localhost:<port>`, without a trailing slash */
  apiUrl: string
  /** `https://clientauth.localhost:<port>` */
  clientauthUrl: string
  host: string
  clientauthHost: string
  /** trust anchor of the server certificates */
  caPem: string
  /** the CA in `ca_cert`: issuer of the client certificates, a different one */
  clientCaPem: string
  /** the first user's key */
  readonly apiKey: string
  /** the first user */
  user: ServiceUser
  users: ServiceUser[]
  addUser(options?: UserOptions): ServiceUser
  certificates: CertificateRecord[]
  settings: Settings
  clock: Clock
  faults: Faults
  requests: LoggedRequest[]
  connections: ConnectionCounters
  /** issues by all the rules but without HTTP; resolves to the response of the POST, rejects with a Refusal */
  issueFor(csr: string, options?: IssueForOptions): Promise<Record<string, unknown>>
  /** makes a certificate without any rules: expired, foreign, EC, unknown to the API */
  mint(options?: MintOptions): Promise<Minted>
  /** fills the list, cheaply: these records have no certificate */
  seed(count: number, describe?: (index: number) => BulkRecord, user?: ServiceUser): CertificateRecord[]
  /** its keypairs and code-signing certificates */
  softwareTrust: SoftwareTrust
  /** the example: the keypair that exists from the start (RSA of 3072 bits), and its certificate; made when first used */
  keypair(): Promise<ExampleKeypair>
  /** back to the start: no certificates, faults or requests, the machine's time, the first settings; users and the example stay */
  reset(): void
  close(): Promise<void>
}

export interface IssueForOptions {
  /** default `issued <n>` */
  name?: string
  exp?: string
  user?: ServiceUser
}

export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const world = await createWorld(options)
  const faults = new FaultBook()
  const host = options.host ?? 'localhost'
  const clientauthHost =
    options.clientauthHost ?? (options.clientauthPort === undefined ? `clientauth.${host}` : host)
  const serverNames = [host, clientauthHost]
  const serverCa = await createAuthority({
    commonName: 'Embedded DigiCert ONE Server CA',
    key: 'ec',
    onlyFor: serverNames,
  })
  const server = await startServer(world, faults, {
    port: options.port ?? 0,
    clientauthPort: options.clientauthPort,
    clientauthHost,
    certificates: await serverCertificates(serverCa, options.serverCertificate ?? 'valid', serverNames),
    maxTlsVersion: options.maxTlsVersion ?? 'TLSv1.3',
    onRequest: options.onRequest ?? (() => undefined),
  })
  const user = firstUser(world)
  return {
    port: server.port,
    apiUrl: `https://${host}:${server.port}`,
    clientauthUrl: `https://${clientauthHost}:${server.clientauthPort}`,
    host,
    clientauthHost,
    caPem: serverCa.certificatePem,
    clientCaPem: world.authority.certificatePem,
    get apiKey() {
      return user.apiKey
    },
    user,
    faults,
    requests: server.requests,
    connections: server.counters,
    reset: () => reset(world, faults, server.requests, options),
    close: server.close,
    ...worldApi(world, user),
  }
}

type WorldApi = Pick<
  Emulator,
  | 'users'
  | 'addUser'
  | 'certificates'
  | 'settings'
  | 'clock'
  | 'softwareTrust'
  | 'keypair'
  | 'issueFor'
  | 'mint'
  | 'seed'
>

function worldApi(world: World, user: ServiceUser): WorldApi {
  const { store, settings, clock } = world
  return {
    users: store.users,
    certificates: store.certificates,
    settings,
    clock,
    softwareTrust: softwareTrustApi(world.softwareTrust),
    keypair: () => world.softwareTrust.catalogue.example(),
    addUser: options => addUser(store, options),
    issueFor: (csr, options = {}) => issueFor(world, options.user ?? user, csr, options),
    mint: options => mintCertificate(world, options?.user ?? user, options),
    seed: (count, describe = () => ({}), owner = user) => addRecords(world, owner, count, describe),
  }
}

async function createWorld(options: EmulatorOptions): Promise<World> {
  const store = new Store()
  for (const user of options.users ?? [{}]) addUser(store, user)
  return {
    store,
    clock: createClock(),
    settings: { ...defaultSettings, ...options.settings },
    limiter: new RateLimiter(),
    front: new Front(),
    authority: await createClientCa(options),
    softwareTrust: createSoftwareTrust(options.softwareTrust),
  }
}

async function createClientCa({
  clientCaKey = 'ec',
  intermediate = false,
}: EmulatorOptions): Promise<Authority> {
  const root = await createAuthority({ commonName: CLIENT_CA_NAME, key: clientCaKey })
  if (!intermediate) return root
  return createAuthority({ commonName: 'Embedded DigiCert ONE Issuing CA', key: clientCaKey, parent: root })
}

function reset(
  { store, clock, settings, front, softwareTrust }: World,
  faults: Faults,
  requests: LoggedRequest[],
  options: EmulatorOptions,
): void {
  faults.clear()
  clock.reset()
  front.clear()
  store.certificates.length = 0
  requests.length = 0
  Object.assign(settings, defaultSettings, options.settings)
  resetSoftwareTrust(softwareTrust, options.softwareTrust)
}

function addUser(store: Store, options?: UserOptions): ServiceUser {
  const user = createUser(options)
  store.users.push(user)
  return user
}

function firstUser({ store }: World): ServiceUser {
  const user = store.users[0]
  if (user === undefined) throw new Error('an emulator needs at least one service user')
  return user
}

async function serverCertificates(
  authority: Authority,
  kinds: ServerCertificateKind | Partial<Record<HostKind, ServerCertificateKind>>,
  names: readonly string[],
) {
  const kindOf = (host: HostKind) => (typeof kinds === 'string' ? kinds : (kinds[host] ?? 'valid'))
  return {
    api: await createServerCertificate(authority, kindOf('api'), names),
    clientauth: await createServerCertificate(authority, kindOf('clientauth'), names),
  }
}

async function issueFor(
  world: World,
  user: ServiceUser,
  csr: string,
  options: IssueForOptions,
): Promise<Record<string, unknown>> {
  const name = options.name ?? `issued ${world.store.certificates.length + 1}`
  const record = await issueCertificate(world, user, { csr, name, exp: options.exp })
  return issuedOnTheWire(record, world.authority, world.settings)
}
