// A secret that is rotated: DigiCert ONE, GitHub, and the rotate action as a scheduled workflow would run it.
import type { X509Certificate } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals'
import { type Github, type GithubOptions, startGithub } from '../../emulator/github/index.ts'
import {
  type CertificateRecord,
  DAY,
  type Emulator,
  type EmulatorOptions,
  startEmulator,
} from '../../emulator/index.ts'
import { decodePkcs12 } from '../../src/x509/pkcs12.ts'
import { LATER } from './later.ts'
import { ALONE, Job, type RunOptions, type StepResult } from './runner.ts'
import { expectHiddenLater, expectMaskedFirst, expectNothingSecret } from './secrets.ts'
import { PASSWORD, type Stored, type StoredOptions, storedP12 } from './stored.ts'

export const OWN = 'octo-org/hello.world'
export const SECRET = 'SM_CLIENT_CERT_FILE_B64'
export const PASSWORD_SECRET = 'SM_CLIENT_CERT_PASSWORD'

export interface RotationOptions {
  digicert?: EmulatorOptions
  github?: GithubOptions
}

export class Rotation {
  #digicert: Emulator | undefined
  #github: Github | undefined
  #ahead = 0
  readonly #options: RotationOptions

  constructor(options: RotationOptions = {}) {
    this.#options = options
  }

  get digicert(): Emulator {
    if (this.#digicert === undefined) throw new Error('the emulators run inside tests only')
    return this.#digicert
  }

  get github(): Github {
    if (this.#github === undefined) throw new Error('the emulators run inside tests only')
    return this.#github
  }

  async start(): Promise<void> {
    this.#digicert = await startEmulator(this.#options.digicert)
    this.#github = await startGithub({ clock: this.digicert.clock, ...this.#options.github })
    this.github.addRepository(OWN, { environments: ['release'] })
    this.github.addRepository('octo-org/app', { environments: ['release'] })
    this.github.addOrganization('octo-org')
  }

  reset(): void {
    this.#ahead = 0
    this.github.reset()
    this.digicert.reset()
  }

  async close(): Promise<void> {
    await this.#github?.close()
    await this.#digicert?.close()
  }

  /** A P12 in all these targets, `daysLeft` before it expires. */
  async store(
    targets: string[] = [OWN],
    options: StoredOptions & { daysLeft?: number } = {},
  ): Promise<Stored> {
    const { daysLeft = 30, ...rest } = options
    const notAfter = new Date(this.digicert.clock.now().getTime() + daysLeft * DAY)
    const notBefore = new Date(notAfter.getTime() - 365 * DAY)
    const stored = await storedP12(this.digicert, { name: 'made by hand', notBefore, notAfter, ...rest })
    for (const target of targets) {
      this.github.setSecret(target, SECRET, stored.base64)
      this.github.setSecret(target, PASSWORD_SECRET, options.password ?? PASSWORD)
    }
    this.tick()
    return stored
  }

  /** The world advances by a second, as between two steps: GitHub counts in seconds. */
  tick(): void {
    this.later(1 / 86_400)
  }

  later(days: number): void {
    this.#ahead += days * DAY
    this.digicert.clock.offset(this.#ahead)
  }

  /** Connection inputs, with waits as short as possible. */
  inputs() {
    return {
      'api-key': this.digicert.apiKey,
      host: this.digicert.apiUrl,
      'ca-certificates': this.digicert.caPem + this.github.caPem,
      timeout: '5s',
      retries: '1',
      'github-token': this.github.token,
    }
  }

  /** One run of the action, which gets what the secrets of `from` contain now. */
  async run(inputs: Record<string, string> = {}, options: Partial<RunOptions> & { from?: string } = {}) {
    const { from = OWN, env, ...rest } = options
    const all = {
      ...this.inputs(),
      p12: this.github.secret(from, SECRET)?.value ?? '',
      'p12-password': this.github.secret(from, PASSWORD_SECRET)?.value ?? '',
      ...inputs,
    }
    const job = new Job()
    const run = {
      inputs: all,
      nodeOptions: ALONE,
      env: {
        GITHUB_API_URL: this.github.apiUrl,
        GITHUB_REPOSITORY: OWN,
        ...LATER,
        CLOCK_AHEAD_MS: String(this.#ahead),
        ...env,
      },
      ...rest,
    }
    const result = await job.use('rotate').main(run)
    expectMaskedFirst(result, run)
    const p12s = [from, OWN].map(target =>
      Buffer.from(this.github.secret(target, SECRET)?.value ?? '', 'base64'),
    )
    if (result.outputs.p12) p12s.push(Buffer.from(result.outputs.p12, 'base64'))
    expectHiddenLater(result, { ...run, p12s }, job.masker)
    expectNothingSecret(result, { ...run, temp: job.temp, p12s })
    this.tick()
    return { ...result, temp: job.temp }
  }

  /** The record of the certificate in a target's secret. */
  async held(target: string): Promise<CertificateRecord> {
    const { value = '' } = this.github.secret(target, SECRET) ?? {}
    const password = this.github.secret(target, PASSWORD_SECRET)?.value ?? ''
    const { certificate } = await decodePkcs12(Buffer.from(value, 'base64'), password)
    return this.recordOf(certificate)
  }

  recordOf(certificate: X509Certificate): CertificateRecord {
    const found = this.digicert.certificates.find(
      ({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256,
    )
    if (found === undefined) throw new Error(`DigiCert ONE knows no ${certificate.serialNumber}`)
    return found
  }

  enabled(): CertificateRecord[] {
    return this.digicert.certificates.filter(({ enabled }) => enabled)
  }

  /** Requests that changed a secret, `METHOD path`. */
  writes(): string[] {
    return this.github.requests
      .filter(({ method }) => method !== 'GET')
      .map(({ method, path }) => `${method} ${path}`)
  }
}

/** One rotation for a test file, reset before each test. */
export function useRotation(options?: RotationOptions): Rotation {
  const rotation = new Rotation(options)
  beforeAll(() => rotation.start())
  afterEach(() => rotation.reset())
  afterAll(() => rotation.close())
  return rotation
}

/** The `targets` output, by target. */
export function statesOf({ outputs }: StepResult): Record<string, string> {
  const list = JSON.parse(outputs.targets ?? '[]') as { target: string; state: string }[]
  return Object.fromEntries(list.map(({ target, state }) => [target, state]))
}

export function expectSuccess(result: StepResult): void {
  expect({ exitCode: result.exitCode, log: result.log }).toEqual({ exitCode: 0, log: expect.any(String) })
}
