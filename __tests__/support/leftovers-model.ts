// A world in which jobs finish, die or run for weeks, in two repositories with one service user, one of which is swept.
// What a job is and may lose is modeled here; what GitHub and DigiCert ONE know is read from the emulators.
import { randomBytes } from 'node:crypto'
import { type Github, startGithub, type WorkflowRun } from '../../emulator/github/index.ts'
import { type CertificateRecord, DAY, type Emulator, startEmulator } from '../../emulator/index.ts'
import { DigicertOne } from '../../src/digicert/client.ts'
import { parseHosts } from '../../src/digicert/hosts.ts'
import { GithubRuns } from '../../src/github/runs.ts'
import { newNickname, runPrefix, runTag } from '../../src/operations/nickname.ts'
import { sweepLeftovers } from '../../src/operations/sweep/leftovers.ts'
import type { SweepReport } from '../../src/operations/sweep/types.ts'
import { fakeLog, loadList } from './ports.ts'
import { makesRequests } from './request-methods.ts'

export const OWN = 'octo-org/hello.world'
export const OTHER = 'octo-org/app'
export const NAMES = ['', 'release build', 'app-7-1', '日本語', `${'long-'.repeat(20)}end`] as const
/** As long as a job is alive, whatever its status on GitHub. */
export const ALIVE = ['in_progress', 'queued', 'waiting', 'requested', 'pending'] as const

/** One attempt of a run. `dead`: its runner has vanished, and GitHub may not know it yet. */
interface Job {
  repository: string
  run: WorkflowRun
  attempt: number
  record: CertificateRecord
  state: 'alive' | 'ended' | 'dead'
}

/** What fails, or happens meanwhile, at a request of a sweep; counted from 1. */
export interface Meanwhile {
  at: number
  what: 'killed' | 'start' | 'rerun' | 'end'
}

/** Thrown into a sweep that is killed: none of its requests is sent any more. */
class Killed extends Error {}

export class World {
  readonly digicert: Emulator
  readonly github: Github
  jobs: Job[] = []
  /** Nobody's job made them. */
  foreign: CertificateRecord[] = []
  readonly counts = { jobs: 0, sweeps: 0, failed: 0, killed: 0, requests: 0, disabled: 0 }
  #now = Date.parse('2026-06-01T12:00:00Z')
  #isOwnServer = false
  /** Like those of github.com, or those of a server that counts by itself. */
  #nextRun = 0
  /** Its steps are the sweeps. */
  #sweeper: Job | undefined

  private constructor(digicert: Emulator, github: Github) {
    this.digicert = digicert
    this.github = github
  }

  static async start(): Promise<World> {
    const github = await startGithub({ tls: false })
    for (const repository of [OWN, OTHER]) github.addRepository(repository)
    return new World(await startEmulator(), github)
  }

  async close(): Promise<void> {
    await this.github.close()
    await this.digicert.close()
  }

  begin(isOwnServer: boolean): void {
    this.digicert.reset()
    this.github.reset()
    this.jobs = []
    this.foreign = []
    this.#isOwnServer = isOwnServer
    this.#nextRun = isOwnServer ? 1 : 18_345_678_900
    this.pass(0)
    this.#sweeper = this.startJob(OWN, '')
  }

  pass(ms: number): void {
    this.#now += ms
    for (const clock of [this.digicert.clock, this.github.clock]) clock.set(new Date(this.#now))
  }

  startJob(repository: string, name: string, status: WorkflowRun['status'] = 'in_progress'): Job {
    const run = this.github.addRun(repository, { id: this.#nextRun++, status })
    return this.#issue(repository, run, name)
  }

  /** Only a completed run can be rerun; its last attempt may have died. */
  rerun(which: number): void {
    const done = this.jobs.filter(({ run, attempt }) => run.status === 'completed' && run.attempt === attempt)
    const job = done[which % Math.max(1, done.length)]
    if (job === undefined) return
    const { run, repository } = job
    Object.assign(run, { attempt: run.attempt + 1, status: 'queued', updatedAt: new Date(this.#now) })
    this.#issue(repository, run, '')
  }

  end(which: number): void {
    const job = this.#alive(which)
    if (job === undefined) return
    job.state = 'ended'
    job.record.enabled = false
    this.#complete(job)
  }

  die(which: number): void {
    const job = this.#alive(which)
    if (job !== undefined) job.state = 'dead'
  }

  /** GitHub learns that runners have vanished. */
  notice(): void {
    for (const job of this.jobs)
      if (job.state === 'dead' && job.run.attempt === job.attempt) this.#complete(job)
  }

  /** Somebody else's certificates, whose nicknames are more or less like ours. */
  stranger(kind: number): void {
    const over = this.jobs.find(({ run, repository }) => repository === OWN && run.status === 'completed')
    const id = over?.run.id ?? 1
    const names = [
      `release-${id}-1`,
      `hello-world-${id}-1-abcdefghi`,
      `hello-world-${id}-1-ABCDEFGHIJ`,
      `hello-world-0${id}-1-abcdefghij`,
      `hello-world-${id}-01-abcdefghij`,
      `hello-world-${id}1234567-1-abcdefghij`,
      `hello-world-${id}-99-abcdefghij`,
      `hello-world-${'9'.repeat(20)}-1-abcdefghij`,
      `hello-world${id}-1-abcdefghij`,
      `job-replaces-${id}-abcdef`,
      'made by hand',
    ]
    for (const step of [0, 3, 6]) this.#addForeign(names[(kind + step) % names.length] ?? '')
    // Another server's run has the same id as a finished one of ours, but another time.
    if (this.#isOwnServer && over !== undefined)
      this.#addForeign(`x-${id}-1-${'bcdefghjkm'}`, new Date(over.run.createdAt.getTime() - 10 * DAY))
  }

  /** What must be enabled: what is running, what is foreign, and what is from the other repository. */
  get sacred(): CertificateRecord[] {
    const kept = this.jobs.filter(
      ({ state, repository }) => state === 'alive' || (state === 'dead' && repository !== OWN),
    )
    return [...kept.map(({ record }) => record), ...this.foreign]
  }

  /** @returns undefined when it was killed */
  async sweep(meanwhile?: Meanwhile): Promise<SweepReport | Error | undefined> {
    this.counts.sweeps++
    const first = this.digicert.requests.length
    const clock = { now: () => new Date(this.#now), sleep: async (ms: number) => this.pass(ms) }
    const random = { bytes: (count: number) => randomBytes(count) }
    const ports = { clock, random, log: fakeLog() }
    const common = { timeoutMs: 20_000, retries: 2, userAgent: 'model' }
    const { apiUrl, apiKey, caPem } = this.digicert
    const hosts = parseHosts(apiUrl, '')
    const digicert = new DigicertOne(
      { ...common, hosts, apiKey, caCertificates: [caPem] },
      { ...ports, loadList },
    )
    const { token, apiUrl: githubUrl } = this.github
    const runs = new GithubRuns({ ...common, token, apiUrl: githubUrl, caCertificates: [] }, ports)
    const gate = this.#gate(meanwhile)
    const request = {
      kind: 'leftovers',
      enabled: false,
      repository: OWN,
      ownRun: String(this.#sweeper?.run.id),
      isOwnServer: this.#isOwnServer,
      dryRun: false,
    } as const
    try {
      const report = await sweepLeftovers(request, { ...ports, digicert: gate(digicert), runs: gate(runs) })
      if (report.failure !== undefined) this.counts.failed++
      return report
    } catch (error) {
      if (error instanceof Killed) this.counts.killed++
      return error instanceof Killed ? undefined : (error as Error)
    } finally {
      await Promise.all([runs.close(), digicert.close()])
      this.#judgeRequests(first)
    }
  }

  /** Every request passes here; a client's siblings do as well. */
  #gate(meanwhile: Meanwhile | undefined): <T extends object>(client: T) => T {
    let count = 0
    const pass = () => {
      count++
      if (meanwhile === undefined || count < meanwhile.at) return
      if (meanwhile.what === 'killed') throw new Killed()
      if (count > meanwhile.at) return
      if (meanwhile.what === 'start') this.startJob(OWN, '')
      else if (meanwhile.what === 'rerun') this.rerun(count)
      else this.end(count)
    }
    const gate = <T extends object>(client: T): T =>
      new Proxy(client, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target)
          if (typeof value !== 'function') return value
          const method = value.bind(target) as (...given: unknown[]) => object
          if (name === 'beside') return (...given: unknown[]) => gate(method(...given))
          if (!makesRequests(name)) return method
          return async (...given: unknown[]) => {
            pass()
            return await method(...given)
          }
        },
      })
    return gate
  }

  /** No request was ever about somebody else's certificate, or that of a run still in progress as far as GitHub knows. */
  #judgeRequests(first: number): void {
    const requests = this.digicert.requests.slice(first)
    this.counts.requests += requests.length
    const unknown = this.jobs.filter(
      ({ run, attempt }) => run.attempt === attempt && run.status !== 'completed',
    )
    const sacred = new Set([...this.sacred, ...unknown.map(({ record }) => record)].map(({ id }) => id))
    for (const { method, path } of requests.filter(request => request.method === 'PUT')) {
      this.counts.disabled++
      const id = path.split('/').at(-2) ?? ''
      if (sacred.has(id))
        throw new Error(`${method} for ${this.digicert.certificates.find(one => one.id === id)?.name}`)
    }
  }

  #issue(repository: string, run: WorkflowRun, name: string): Job {
    this.counts.jobs++
    const tag = runTag(String(run.id), String(run.attempt))
    const nickname = newNickname(runPrefix(name || repository, tag), { bytes: randomBytes })
    const [record] = this.digicert.seed(1, () => ({
      name: nickname,
      endDate: new Date(this.#now + 60 * DAY),
    }))
    if (record === undefined) throw new Error('nothing was issued')
    const job: Job = { repository, run, attempt: run.attempt, record, state: 'alive' }
    this.jobs.push(job)
    return job
  }

  #addForeign(name: string, startDate = new Date(this.#now)): void {
    this.foreign.push(
      ...this.digicert.seed(1, () => ({ name, startDate, endDate: new Date(this.#now + 300 * DAY) })),
    )
  }

  #alive(which: number): Job | undefined {
    const alive = this.jobs.filter(job => job.state === 'alive' && job !== this.#sweeper)
    return alive[which % Math.max(1, alive.length)]
  }

  #complete({ run }: Job): void {
    Object.assign(run, { status: 'completed', updatedAt: new Date(this.#now) })
  }
}
