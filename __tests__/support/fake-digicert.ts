// DigiCert ONE as a handful of functions, for logic above the network.
import type { CertificateRequest, DigicertOne } from '../../src/digicert/client.ts'
import { explainNoEffect } from '../../src/digicert/errors.ts'
import { type Gathering, Kept, type WantedRecords } from '../../src/digicert/gathering.ts'
import type { CertificateRecord, User } from '../../src/digicert/records.ts'
import { Budget } from '../../src/net/retry.ts'

const systemClock = { now: () => new Date(), sleep: async () => undefined }

export interface FakeDigicert {
  records: CertificateRecord[]
  /** `POST a`, `GET`, `PUT id false`, … in order. */
  calls: string[]
  hasApiKey: boolean
  /** The user that the certificate belongs to. */
  user: () => User
  /** The user that the API key belongs to; by default the same. */
  userOfKey: (() => User) | undefined
  /** The result of a request; by default a record. */
  request(request: CertificateRequest): CertificateRecord
  list(): CertificateRecord[]
  /** What the server says about the certificate afterwards; a lying one may say anything. */
  setEnabled(id: string, enabled: boolean): boolean | undefined
  /** Throws the error for a refused certificate. */
  verify(): void
  as: DigicertOne
}

export function record(id: string, fields: Partial<CertificateRecord> = {}): CertificateRecord {
  return {
    id,
    name: id,
    userId: 'user-1',
    serialNumber: '',
    enabled: true,
    startDate: undefined,
    endDate: undefined,
    publicKey: '',
    certificate: '',
    caCertificates: '',
    ...fields,
  }
}

export function fakeDigicert(changes: Partial<Omit<FakeDigicert, 'as' | 'calls'>> = {}): FakeDigicert {
  const calls: string[] = []
  const fake: Omit<FakeDigicert, 'as'> = {
    records: [],
    calls,
    hasApiKey: true,
    userOfKey: undefined,
    user: () => ({ id: 'user-1', name: 'Builder', status: 'ACTIVE', permissions: [] }),
    request: ({ nickname }) => record(`id-of-${nickname}`, { name: nickname }),
    list: () => fake.records,
    setEnabled: (id, enabled) => {
      for (const known of fake.records) if (known.id === id) known.enabled = enabled
      return enabled
    },
    verify: () => undefined,
    ...changes,
  }
  const change = (id: string, enabled: boolean) => {
    calls.push(`PUT ${id} ${enabled}`)
    const said = fake.setEnabled(id, enabled)
    if (said !== enabled) throw explainNoEffect({ id, enabled, said }, 'https://one.example')
  }
  const survey = async <G extends Gathering>(gathering: G): Promise<G> => {
    calls.push('GET')
    const gathered = gathering.copy()
    fake.list().every(known => gathered.take(known))
    return gathered
  }
  const port: Record<string, unknown> = {
    hosts: { api: 'https://one.example', clientauth: 'https://clientauth.one.example' },
    retryPolicy: { retries: 2, budget: new Budget(60_000, systemClock) },
    get hasApiKey() {
      return fake.hasApiKey
    },
    reachClientauth: () => undefined,
    openClientauth: async () => undefined,
    requestCertificate: async (request: CertificateRequest) => {
      calls.push(`POST ${request.nickname}`)
      return fake.request(request)
    },
    listCertificates: async (wanted: WantedRecords | WantedRecords['keep'] = () => true) => {
      const { records } = await survey(new Kept(typeof wanted === 'function' ? { keep: wanted } : wanted))
      return records
    },
    survey,
    beside: () => port,
    change: async (id: string, enabled: boolean) => {
      calls.push(`PUT ${id} ${enabled}`)
      return fake.setEnabled(id, enabled)
    },
    enable: async (id: string) => change(id, true),
    disable: async (id: string) => change(id, false),
    userOfKey: async () => (fake.userOfKey ?? fake.user)(),
    currentUser: async () => fake.user(),
    verify: async () => {
      calls.push('VERIFY')
      fake.verify()
      return fake.user()
    },
    close: async () => undefined,
  }
  return Object.assign(fake, { as: port as unknown as DigicertOne })
}
