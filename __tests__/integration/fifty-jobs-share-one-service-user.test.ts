// Fifty jobs of a matrix begin at the same moment, on a service user whose rate limit lets a few of them pass at once.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { startEmulator } from '../../emulator/index.ts'
import { DigicertOne } from '../../src/digicert/client.ts'
import { PrivateDirectory } from '../../src/files.ts'
import { cleanUp } from '../../src/operations/cleanup.ts'
import { issue } from '../../src/operations/issue.ts'
import { generateKey } from '../../src/x509/key.ts'
import { fakeLog, loadList } from '../support/ports.ts'
import { Job } from '../support/runner.ts'

const JOBS = 50
const mask = { text: () => undefined, bytes: () => undefined, privateKey: () => undefined }
const clock = { now: () => new Date(), sleep: async (ms: number) => void (await sleep(ms)) }
const random = { bytes: (count: number) => randomBytes(count) }
const WANTED = {
  mode: 'issue',
  encryption: 'modern',
  writeKey: false,
  verify: true,
  requirePermissions: [],
  namePrefix: 'matrix',
  subject: undefined,
  validitySeconds: 3_600,
  keySize: 2048,
  password: 'one for all of them',
} as const

test('each gets its own certificate, waits as long as the server asks, and leaves nothing', async () => {
  const emulator = await startEmulator({ settings: { rateLimit: { requests: 10, seconds: 1 } } })
  const key = generateKey(2048)
  const { temp } = new Job()
  const jobs = Array.from({ length: JOBS }, (_, index) => runJob(index))
  const ids = await Promise.all(jobs)
  expect(new Set(ids).size).toBe(JOBS)
  expect(emulator.certificates).toHaveLength(JOBS)
  expect(emulator.certificates.filter(({ enabled }) => enabled)).toEqual([])
  // The limit was in force, and no job ran into it again and again.
  const refused = emulator.requests.filter(({ status }) => status === 429).length
  expect(refused).toBeGreaterThan(0)
  expect(refused).toBeLessThan(JOBS * 10)
  await emulator.close()

  async function runJob(index: number): Promise<string> {
    const log = fakeLog()
    const digicert = new DigicertOne(
      {
        hosts: { api: emulator.apiUrl, clientauth: emulator.clientauthUrl },
        apiKey: emulator.apiKey,
        caCertificates: [emulator.caPem],
        timeoutMs: 30_000,
        retries: 20,
        userAgent: 'matrix',
      },
      { clock, random, log, loadList },
    )
    const directory = PrivateDirectory.plan(temp, String(index))
    const ledger = { asking: () => undefined, settled: () => undefined, issued: () => undefined }
    const ports = { digicert, clock, random, log, mask, ledger, directory }
    const delivered = await issue({ ...WANTED, requirePermissions: [] }, key, ports)
    rmSync(directory.path, { recursive: true })
    const certificate = { id: delivered.certificateId, nickname: delivered.name }
    const leftovers = { directory, run: '', certificate, nicknames: [], askedAt: undefined, handedOver: true }
    await cleanUp(
      leftovers,
      { cleanup: true, disableAfterJob: true },
      { clock, log, connect: () => digicert },
    )
    expect(log.of('warning')).toEqual([])
    for (const line of log.of('info').filter(text => text.includes('Retrying')))
      expect(line).toMatch(/429 .*Retrying in \d+\.\d s \(retry \d+ of 20; the server asked for [12]\.0 s\)/)
    return delivered.certificateId
  }
}, 240_000)
