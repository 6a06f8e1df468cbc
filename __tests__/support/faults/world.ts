// Both servers behind gates, untrusted servers, and a client whose waits take no time.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { createAuthority } from '../../../emulator/ca.ts'
import { type Github, startGithub } from '../../../emulator/github/index.ts'
import { DAY, type Emulator, type Faults, startEmulator } from '../../../emulator/index.ts'
import { createServerCertificate } from '../../../emulator/server-certificates.ts'
import { DigicertOne } from '../../../src/digicert/client.ts'
import { createFetch } from '../../../src/github/fetch.ts'
import { GithubRuns } from '../../../src/github/runs.ts'
import { GithubSecrets } from '../../../src/github/secrets.ts'
import type { Clock } from '../../../src/ports.ts'
import { Gate } from '../gate.ts'
import { type FakeLog, fakeLog, loadList } from '../ports.ts'
import { makesRequests } from '../request-methods.ts'
import { type Stored, storedP12 } from '../stored.ts'
import { fireTimeouts, holdTimeouts, releaseTimeouts } from '../timeouts.ts'
import type { MatrixFault } from './faults.ts'

export type Server = 'api' | 'clientauth' | 'github'
export const REPOSITORY = 'octo-org/hello.world'
export const SECRET = 'SM_CLIENT_CERT_FILE_B64'
const KINDS = ['untrusted', 'self-signed', 'expired', 'not-yet-valid', 'wrong-name'] as const
const NAMES = ['localhost', 'clientauth.localhost']

/** One request of an operation: the `occurrence`th call of a method that makes it. */
export interface Step {
  label: string
  server: Server
  method: string
  occurrence: number
}

export interface Session {
  /** Its own, so that nothing that an earlier session left in flight is counted. */
  userAgent: string
  digicert: DigicertOne
  secrets: GithubSecrets
  runs: GithubRuns
  clock: Clock
  log: FakeLog
  random: { bytes(count: number): Buffer }
  /** Calls that made at least one request. */
  calls: number
  waitedMs: number
  /** By the client's clock. */
  elapsedMs(): number
  /** Resolves when nothing is in flight any more. */
  idle(): Promise<unknown>
}

export interface Timing {
  timeoutMs: number
  retries: number
}

let worlds = 0
let sessions = 0

export class FaultWorld {
  /** Of requests that hang: each world has its own number, which identifies its timers. */
  readonly timeoutMs = 30_000 + ++worlds
  readonly emulator: Emulator
  readonly github: Github
  readonly #gates: Record<Server, Gate>
  readonly #bad: Record<string, number>
  readonly #ca: string[]
  readonly #closing: (() => unknown)[]
  readonly directory = mkdtempSync(join(tmpdir(), 'faults-'))
  readonly #fetches = new Map<number, typeof fetch>()
  #stored: Stored | undefined
  #hung = () => 0

  private constructor(parts: {
    emulator: Emulator
    github: Github
    gates: Record<Server, Gate>
    bad: Record<string, number>
    ca: string[]
    closing: (() => unknown)[]
  }) {
    this.emulator = parts.emulator
    this.github = parts.github
    this.#gates = parts.gates
    this.#bad = parts.bad
    this.#ca = parts.ca
    this.#closing = parts.closing
    holdTimeouts(this.timeoutMs)
  }

  static async start(): Promise<FaultWorld> {
    const emulator = await startEmulator()
    const github = await startGithub({ clock: emulator.clock })
    github.addRepository(REPOSITORY)
    const gates = {
      api: await Gate.open(emulator.port),
      clientauth: await Gate.open(emulator.port),
      github: await Gate.open(github.port),
    }
    const authority = await createAuthority({ commonName: 'Test server CA', key: 'ec' })
    const servers = await Promise.all(
      KINDS.map(
        async kind => [kind, await listen(await createServerCertificate(authority, kind, NAMES))] as const,
      ),
    )
    const valid = await createServerCertificate(authority, 'valid', NAMES)
    const old = await listen({
      ...valid,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    const all = [...servers, ['TLS 1.1', old] as const]
    return new FaultWorld({
      emulator,
      github,
      gates,
      bad: Object.fromEntries(all.map(([kind, { port }]) => [kind, port])),
      ca: [emulator.caPem, github.caPem, authority.certificatePem],
      closing: [
        ...all.map(
          ([, { server }]) =>
            () =>
              server.close(),
        ),
        ...Object.values(gates).map(gate => () => gate.close()),
        () => github.close(),
        () => emulator.close(),
      ],
    })
  }

  async close(): Promise<void> {
    releaseTimeouts(this.timeoutMs)
    for (const close of this.#closing) await close()
    rmSync(this.directory, { recursive: true })
  }

  get stored(): Stored {
    if (this.#stored === undefined) throw new Error('the world has not begun')
    return this.#stored
  }

  /** A new world with one stored P12, which expires in 30 days, and nothing wrong in it. */
  async begin(): Promise<void> {
    this.emulator.reset()
    this.github.reset()
    await this.heal()
    const now = wholeSecond(Date.now())
    this.emulator.clock.set(now)
    const dates = {
      notBefore: new Date(now.getTime() - 335 * DAY),
      notAfter: new Date(now.getTime() + 30 * DAY),
    }
    this.#stored ??= await storedP12(this.emulator, { name: 'stored', ...dates })
    const { record } = this.#stored.minted
    if (record === undefined) throw new Error('a stored certificate that nobody knows')
    record.enabled = true
    if (!this.emulator.certificates.includes(record)) this.emulator.certificates.push(record)
    this.github.setSecret(REPOSITORY, SECRET, this.#stored.base64)
    this.emulator.clock.advance(60_000)
  }

  async heal(): Promise<void> {
    this.#hung = () => 0
    this.emulator.faults.clear()
    this.github.faults.clear()
    for (const gate of Object.values(this.#gates)) await gate.disarm()
  }

  /** Requests of a session that arrived, at both servers. */
  requestsOf({ userAgent }: Session): number {
    const api = this.emulator.requests.filter(request => request.userAgent === userAgent)
    return api.length + this.github.requests.length
  }

  async arm(fault: MatrixFault, server: Server, times: number): Promise<void> {
    const { http, connection } = fault
    if (http !== undefined) {
      const effect = typeof http === 'function' ? http(this.emulator.clock.now()) : http
      const match = server === 'github' ? {} : { host: server }
      const handle = this.#faultsOf(server).add({ ...match, ...effect, times })
      this.#hung = () => handle.hits
    }
    if (connection === undefined) return
    const gate = this.#gates[server]
    const before = gate.silenced
    this.#hung = () => gate.silenced - before
    const port = this.#bad[String(connection)]
    await gate.arm(port === undefined ? (connection as 'silence') : { port }, times)
  }

  /** Fires the timeout of each hanging request at once; returns a function that stops that. */
  hurry(passed: () => void): () => void {
    let seen = 0
    const timer = setInterval(() => {
      for (; seen < this.#hung(); seen++) {
        passed()
        fireTimeouts(this.timeoutMs)
      }
    }, 5)
    return () => clearInterval(timer)
  }

  /** Reading all trust anchors for every run would take most of the time. */
  #fetchOf({ timeoutMs }: Timing): typeof fetch {
    const known = this.#fetches.get(timeoutMs)
    const made = known ?? createFetch({ apiUrl: this.github.apiUrl, timeoutMs, caCertificates: this.#ca })
    this.#fetches.set(timeoutMs, made)
    return made
  }

  #faultsOf(server: Server): Faults {
    return server === 'github' ? this.github.faults : this.emulator.faults
  }

  /** A client of both servers; `before` is called before each request. */
  connect(
    timing: Timing,
    { hangs = false, unknownName }: { hangs?: boolean | undefined; unknownName?: Server | undefined },
    before: (method: string) => Promise<void>,
  ): Session {
    const userAgent = `faults/${++sessions}`
    const session = { userAgent, calls: 0, waitedMs: 0, log: fakeLog() }
    const start = this.emulator.clock.now().getTime()
    let hungMs = 0
    const elapsed = () => session.waitedMs + hungMs
    const stop = hangs ? this.hurry(() => (hungMs += timing.timeoutMs)) : () => undefined
    const clock: Clock = {
      now: () => new Date(start + elapsed()),
      sleep: async ms => {
        session.waitedMs += ms
      },
    }
    // The longest possible jitter, so that a figure is the worst case.
    const random = { bytes: (count: number) => (count === 4 ? Buffer.alloc(4, 0xff) : randomBytes(count)) }
    const { log } = session
    const common = { ...timing, caCertificates: this.#ca, userAgent }
    const origin = (server: Server, host: string) =>
      unknownName === server
        ? `https://${server}.digicert.invalid`
        : `https://${host}:${this.#gates[server].port}`
    const hosts = {
      api: origin('api', 'localhost'),
      clientauth: origin('clientauth', 'clientauth.localhost'),
    }
    const ports = { clock, random, log, loadList }
    const digicert = new DigicertOne({ ...common, hosts, apiKey: this.emulator.apiKey }, ports)
    const fetch = this.#fetchOf(timing)
    const apiUrl = origin('github', 'localhost')
    const secrets = new GithubSecrets(
      { ...common, token: this.github.token, apiUrl, writes: 1 },
      ports,
      fetch,
    )
    const runs = new GithubRuns({ ...common, token: this.github.token, apiUrl }, ports)
    // One at a time, so that the number of requests does not depend on which of two was quicker.
    let last: Promise<unknown> = Promise.resolve()
    const inTurn = <T extends object>(client: T): T =>
      new Proxy(client, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target)
          if (typeof value !== 'function') return value
          // A connection opened early would sometimes hit the fault before its request does.
          if (name === 'reachClientauth') return () => undefined
          if (name === 'beside') return (...given: unknown[]) => inTurn(value.apply(target, given) as object)
          const method = value.bind(target) as (...given: unknown[]) => Promise<unknown>
          if (!makesRequests(name)) return method
          return (...given: unknown[]) => {
            const turn = last.then(async () => {
              session.calls++
              // Two ways to read the same list.
              await before(name === 'survey' ? 'listCertificates' : String(name))
              return await method(...given)
            })
            last = turn.catch(() => undefined)
            return turn
          }
        },
      })
    return Object.assign(session, {
      digicert: inTurn(digicert),
      secrets: inTurn(secrets),
      runs: inTurn(runs),
      clock,
      random,
      elapsedMs: elapsed,
      idle: async () => {
        for (let seen: unknown; seen !== last; await seen) seen = last
        stop()
        await Promise.all([digicert.close(), runs.close()])
      },
    })
  }
}

async function listen(options: tls.TlsOptions): Promise<{ server: tls.Server; port: number }> {
  const server = tls.createServer(options, socket => socket.on('error', () => undefined))
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000)
}
