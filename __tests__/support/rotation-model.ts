// A world in which a secret is rotated for months: both emulators with their own clocks, runs that take turns request by
// request and can die at any of them, and people who interfere. What the tests of `rotate` know about the world, they read
// from the emulators.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Github, startGithub } from '../../emulator/github/index.ts'
import {
  type CertificateRecord,
  DAY,
  type Emulator,
  type Settings,
  startEmulator,
} from '../../emulator/index.ts'
import { DigicertOne } from '../../src/digicert/client.ts'
import { parseHosts } from '../../src/digicert/hosts.ts'
import { PrivateDirectory } from '../../src/files.ts'
import { createFetch } from '../../src/github/fetch.ts'
import { GithubSecrets } from '../../src/github/secrets.ts'
import { parseTarget, type Target } from '../../src/github/target.ts'
import { HandOver } from '../../src/operations/rotate/hand-over.ts'
import { rotate } from '../../src/operations/rotate/rotate.ts'
import { SecretsPublisher } from '../../src/operations/rotate/secrets.ts'
import type {
  Publisher,
  RotatePorts,
  RotateRequest,
  RotationReport,
} from '../../src/operations/rotate/types.ts'
import type { BasicPorts, FoldingLog } from '../../src/ports.ts'
import { generateKey } from '../../src/x509/key.ts'
import { decodePkcs12 } from '../../src/x509/pkcs12.ts'
import { fakeLog, loadList } from './ports.ts'
import { makesRequests } from './request-methods.ts'
import { Store } from './store.ts'
import { PASSWORD, storedP12 } from './stored.ts'

export const OWN = 'octo-org/hello.world'
const OTHER = 'octo-org/app'
/** Only one of them feeds the workflow. */
export const ONE_FEEDS = [OWN, OTHER, 'octo-org/site']
/** Not on GitHub: rotation hands the P12 over, and a later step stores it here. */
export const STORE = 'the store'
export const TARGETS = [ONE_FEEDS, [OWN, OTHER, 'org:octo-org'], ['org:octo-org', OWN, OTHER], [OWN]]
const SECRET = 'SM_CLIENT_CERT_FILE_B64'
export const GRACE = 7 * DAY
const SECOND = 1000
const TIMEOUT_MS = 20_000

/** What stays the same throughout a history. */
export interface Setting {
  /** Until the first certificate expires. */
  daysLeft: number
  targets: string[]
  /** How DigiCert ONE sets the start date of a certificate. */
  start: Partial<Pick<Settings, 'roundStartDates' | 'backdateStart'>>
  /** Milliseconds by which the servers' clocks are ahead of the runner's. */
  digicertAhead: number
  githubAhead: number
  /** Milliseconds after which the mTLS host learns of a change. */
  delay: number
}

export interface Death {
  /** At which of its requests, from 1. */
  at: number
  when: 'before' | 'after'
}

/** Generating keys would take most of the time, and no decision depends on them. */
const key = generateKey(2048)

/**
 * Bottleneck yields some ten times for each request to GitHub, with timers without a delay, each of which takes Node a
 * millisecond. In thousands of histories that would be most of the time.
 */
function hurry(): () => void {
  const patient = globalThis.setTimeout
  const hurried = (run: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) =>
    ms ? patient(run, ms, ...given) : setImmediate(run, ...given)
  globalThis.setTimeout = hurried as typeof setTimeout
  return () => {
    globalThis.setTimeout = patient
  }
}

/** A rotation in progress, which makes one request at each `grant`. */
export class Run {
  readonly #waiting: (() => void)[] = []
  #changed: () => void = () => undefined
  #granted = 0
  readonly #death: Death | undefined
  outcome: RotationReport | Error | undefined
  dead = false

  constructor(start: (run: Run) => Promise<RotationReport>, death: Death | undefined) {
    this.#death = death
    start(this)
      .then(report => report.failure ?? report)
      .catch((error: unknown) => error as Error)
      .then(outcome => {
        this.outcome = outcome
        this.#changed()
      })
  }

  get over(): boolean {
    return this.dead || this.outcome !== undefined
  }

  /** Every request of the run passes through here. A dead run's requests never return. */
  async pass<T>(request: () => Promise<T>): Promise<T> {
    await new Promise<void>(resolve => {
      this.#waiting.push(resolve)
      this.#changed()
    })
    const dies = this.#granted === this.#death?.at
    if (dies && this.#death?.when === 'before') return this.#die()
    try {
      return await request()
    } finally {
      if (dies) await this.#die()
      this.#settled()
    }
  }

  /** Lets one request through; resolves when the run waits for the next, or is over. */
  async grant(): Promise<void> {
    await this.#ready()
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.#granted++
    const settled = new Promise<void>(resolve => {
      this.#settled = resolve
    })
    next()
    await settled
    await this.#ready()
  }

  #settled: () => void = () => undefined

  #ready(): Promise<void> {
    if (this.over || this.#waiting.length > 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#changed = () => {
        this.#changed = () => undefined
        resolve()
      }
    })
  }

  #die(): Promise<never> {
    this.dead = true
    this.#settled()
    return new Promise(() => undefined)
  }
}

export class World {
  readonly digicert: Emulator
  readonly github: Github
  readonly store = new Store()
  readonly strangers = new Map<string, boolean>()
  /** Taken out of service by a person. */
  readonly byHand = new Set<string>()
  /** When a target was last seen with a certificate, by its id. */
  readonly lastSeen = new Map<string, number>()
  /** Two runs overlapped, or the store forgot something: then the grace period may be cut short. */
  unsettled = false
  readonly counts = { runs: 0, deaths: 0, requests: 0 }
  /** Connections stay open from run to run, which no decision depends on either. */
  readonly #fetch: typeof fetch
  /** What was found in a P12 once stays in it forever. */
  readonly #opened = new Map<string, CertificateRecord>()
  readonly #slowDown = hurry()
  readonly #folder = mkdtempSync(join(tmpdir(), 'handed-over-'))
  #now = Date.parse('2026-06-01T12:00:00Z')
  #setting: Setting | undefined

  private constructor(digicert: Emulator, github: Github) {
    this.digicert = digicert
    this.github = github
    const { apiUrl, caPem } = github
    this.#fetch = createFetch({ apiUrl, caCertificates: [caPem], timeoutMs: TIMEOUT_MS })
  }

  static async start(): Promise<World> {
    const digicert = await startEmulator()
    const github = await startGithub()
    for (const target of new Set(TARGETS.flat())) {
      if (target.startsWith('org:')) github.addOrganization(target.slice(4))
      else github.addRepository(target)
    }
    return new World(digicert, github)
  }

  async close(): Promise<void> {
    this.#slowDown()
    rmSync(this.#folder, { recursive: true })
    await this.github.close()
    await this.digicert.close()
  }

  /** A new history: one P12, made by hand, in every target. */
  async begin(setting: Setting): Promise<void> {
    this.#setting = setting
    this.github.reset()
    this.digicert.reset()
    const { delay } = setting
    Object.assign(this.digicert.settings, setting.start, {
      delays: { issue: delay, enable: delay, disable: delay },
    })
    this.strangers.clear()
    this.byHand.clear()
    this.lastSeen.clear()
    this.#opened.clear()
    this.unsettled = false
    this.pass(0)
    const notAfter = new Date(this.#now + setting.daysLeft * DAY)
    const notBefore = new Date(this.#now - 100 * DAY)
    const { base64, der } = await storedP12(this.digicert, { name: 'made by hand', notBefore, notAfter })
    this.store.begin(der)
    for (const target of setting.targets) if (target !== STORE) this.github.setSecret(target, SECRET, base64)
    this.pass(60 * SECOND)
  }

  /** Time goes by, or all clocks are set back a little. */
  pass(ms: number): void {
    this.#now += ms
    this.digicert.clock.set(new Date(this.#now + this.setting.digicertAhead))
    this.github.clock.set(new Date(this.#now + this.setting.githubAhead))
  }

  get setting(): Setting {
    if (this.#setting === undefined) throw new Error('no history has begun')
    return this.#setting
  }

  get targets(): string[] {
    return this.setting.targets
  }

  /** Where the workflow gets its P12 from. */
  get source(): string {
    return this.#handsOver ? STORE : OWN
  }

  run(options: { force?: boolean; death?: Death } = {}): Run {
    this.counts.runs++
    if (options.death !== undefined) this.counts.deaths++
    const request = this.#request(options.force ?? false)
    return new Run(run => this.#job(request, run), options.death)
  }

  /** The rotation, and the step that stores what it handed over, also when it failed after that. */
  async #job(request: RotateRequest, run: Run): Promise<RotationReport> {
    const report = await rotate(request, this.#ports(run))
    if (this.#handsOver && report.rotated)
      await run.pass(async () => this.store.write(report.current.p12, this.now))
    return report
  }

  get #handsOver(): boolean {
    return this.targets.includes(STORE)
  }

  /** From now on, nothing fails and nothing is late. */
  repair(): void {
    this.github.faults.clear()
    this.store.repair()
  }

  /** The store loses its newest version. What it returns then may have been disabled, which no run can prevent. */
  async forget(): Promise<void> {
    this.store.forget(this.now)
    this.unsettled = true
    const { id, enabled } = await this.held(STORE)
    if (!enabled) this.byHand.add(id)
  }

  /** From now on, no write to one of the targets succeeds. */
  breakTarget(which: number): void {
    this.store.fails = true
    const broken = this.targets[which % this.targets.length] ?? OWN
    const path = new RegExp(`/${broken.replace('org:', 'orgs/')}/`)
    const times = Number.POSITIVE_INFINITY
    this.github.faults.add({ method: 'PUT', path, times, answer: { status: 500 } })
  }

  /** The certificate in a target's secret. */
  async held(target: string): Promise<CertificateRecord> {
    const value = this.value(target)
    const known = this.#opened.get(value)
    if (known !== undefined) return known
    const { certificate } = await decodePkcs12(Buffer.from(value, 'base64'), PASSWORD)
    const { fingerprint256 } = certificate
    const found = this.digicert.certificates.find(record => record.fingerprint256 === fingerprint256)
    if (found === undefined) throw new Error(`${target} holds a certificate that nobody issued`)
    this.#opened.set(value, found)
    return found
  }

  /** The P12 that a target contains, in base64. */
  value(target: string): string {
    if (target === STORE) return this.store.read(this.now).toString('base64')
    return this.github.secret(target, SECRET)?.value ?? ''
  }

  /** Everything that rotation is responsible for and that still works. */
  managed(): CertificateRecord[] {
    return this.digicert.certificates.filter(({ id, enabled }) => enabled && !this.strangers.has(id))
  }

  get now(): Date {
    return new Date(this.#now)
  }

  #request(force: boolean): RotateRequest {
    return {
      p12: Buffer.from(this.value(this.source), 'base64'),
      password: PASSWORD,
      encryption: 'modern',
      namePrefix: 'model',
      subject: undefined,
      validitySeconds: (390 * DAY) / 1000,
      keySize: 2048,
      settings: { rotateWithinSeconds: (30 * DAY) / 1000, graceSeconds: GRACE / 1000, force },
      dryRun: false,
    }
  }

  #ports(run: Run): RotatePorts {
    const log = fakeLog()
    const clock = { now: () => this.now, sleep: async (ms: number) => this.pass(ms) }
    const random = { bytes: (count: number) => randomBytes(count) }
    const common = { timeoutMs: TIMEOUT_MS, retries: 0, userAgent: 'model' }
    const { apiUrl, apiKey, caPem } = this.digicert
    const digicert = new DigicertOne(
      { ...common, hosts: parseHosts(apiUrl, ''), apiKey, caCertificates: [caPem] },
      { clock, random, log, loadList },
    )
    const mask = { text: () => undefined, bytes: () => undefined, privateKey: () => undefined }
    return {
      digicert: this.#gated(digicert, run),
      publisher: this.#publisher(run, { clock, random, log }),
      clock,
      random,
      log,
      mask,
      newKey: () => key,
    }
  }

  #publisher(run: Run, ports: BasicPorts & { log: FoldingLog }): Publisher {
    if (this.#handsOver)
      return new HandOver(PrivateDirectory.plan(this.#folder, randomBytes(8).toString('hex')), ports)
    const { apiUrl, token, caPem } = this.github
    const options = { timeoutMs: TIMEOUT_MS, retries: 0, userAgent: 'model', token, apiUrl }
    const secrets = new GithubSecrets(
      { ...options, caCertificates: [caPem], writes: this.targets.length },
      ports,
      this.#fetch,
    )
    const targets = this.targets.map(parseTarget) as Target[]
    const names = { p12: SECRET, password: 'SM_CLIENT_CERT_PASSWORD' }
    return new SecretsPublisher(
      { targets, names, repository: OWN },
      { secrets: this.#gated(secrets, run), log: ports.log },
    )
  }

  #gated<T extends object>(client: T, run: Run): T {
    return new Proxy(client, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        const method = value.bind(target) as (...given: unknown[]) => unknown
        if (!makesRequests(name)) return method
        return (...given: unknown[]) =>
          run.pass(async () => {
            this.counts.requests++
            this.pass(SECOND)
            return await method(...given)
          })
      },
    })
  }
}
