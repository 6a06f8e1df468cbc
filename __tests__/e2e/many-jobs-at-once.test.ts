// A matrix of jobs: as many processes of the shipped bundle at the same moment, on a service user whose rate limit lets a
// few of them pass at once. (Fifty of them, in one process: integration/fifty-jobs-share-one-service-user.test.ts)
import { expect, test } from '@jest/globals'
import { useScene } from '../support/scene.ts'

const JOBS = 15
const PASS = 3
const scene = useScene({ settings: { rateLimit: { requests: PASS, seconds: 1 } } })

test('each gets its own certificate, and the post steps leave nothing', async () => {
  const inputs = { timeout: '2m', retries: '20', 'p12-password': 'one for all of them' }
  const jobs = Array.from({ length: JOBS }, () => scene.scenario(inputs))
  const mains = await Promise.all(jobs.map(job => job.main()))
  expect(mains.filter(({ exitCode }) => exitCode !== 0)).toEqual([])
  expect(new Set(mains.map(({ outputs }) => outputs['certificate-id'])).size).toBe(JOBS)
  expect(scene.enabled()).toHaveLength(JOBS)
  const posts = await Promise.all(jobs.map(job => job.post()))
  expect(posts.filter(({ exitCode, annotations }) => exitCode !== 0 || annotations.length > 0)).toEqual([])
  for (const job of jobs) job.expectNothingLeft()
  // The limit was in force, and no job ran into it again and again.
  const refused = scene.emulator.requests.filter(({ status }) => status === 429).length
  expect(refused).toBeGreaterThan(0)
  expect(refused).toBeLessThan(20 * JOBS)
  // Generating keys takes long on a slow machine, so perhaps only the post steps come all at once.
  const waits = [...mains, ...posts].flatMap(({ log }) =>
    log.split('\n').filter(line => line.includes('Retrying in')),
  )
  expect(waits).not.toEqual([])
  for (const line of waits) expect(line).toMatch(/429 .*\(retry \d+ of 20; the server asked for [12]\.0 s\)/)
}, 600_000)
