import { expect, test } from '@jest/globals'
import { DAY } from '../../emulator/index.ts'
import { fill, inDays, listedIn } from '../support/inventory.ts'
import { errorOf, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene({}, 'check')
const jobs = useScene()

/** One that lasts this many days, with `days` left. */
const living = (life: number, days: number) => ({
  days,
  name: `lives ${life}`,
  startDate: new Date(inDays(days).getTime() - life * DAY),
})

/** A job that issues on the DigiCert ONE that is checked. */
function issuing() {
  const { apiKey, apiUrl, caPem } = scene.emulator
  return jobs.scenario({ 'api-key': apiKey, host: apiUrl, 'ca-certificates': caPem, name: 'brief' })
}

test('is green during a job in issue mode, with and without a stored one', async () => {
  const job = issuing()
  expect((await job.main()).exitCode).toBe(0)
  const alone = await scene.scenario().main()
  expect(alone).toMatchObject({ exitCode: 0, annotations: [] })
  expect(alone.outputs).toMatchObject({
    ...{ 'expiring-count': '0', 'expired-count': '0', 'next-expiry': '', 'days-remaining': '' },
  })
  expect(alone.log).toMatch(
    /Checked 1 certificate: 0 expiring soon, 0 expired, 1 short-lived\.[\s\S]*All certificates are short-lived/,
  )
  expect(alone.summary).toContain('### ✅ Client certificates: only short-lived ones')
  fill(scene.emulator, [{ days: 200, name: 'stored' }])
  const both = await scene.scenario().main()
  expect(both).toMatchObject({ exitCode: 0, annotations: [] })
  expect(both.outputs).toMatchObject({ 'expiring-count': '0', 'days-remaining': '200' })
  expect(listedIn(both)).toMatchObject([
    {
      name: expect.stringMatching(/^brief/),
      kind: 'client',
      state: 'fine',
      short_lived: true,
      enabled: true,
    },
    { name: 'stored', kind: 'client', state: 'fine', short_lived: false },
  ])
  expect(both.summary).toMatch(/\| 🔵 short-lived \| brief/)
  expect(both.summary).toMatch(/^ {2}section 🔵 brief\S*\n.* :done, c\d/mu)
  await job.post()
})

test('a stored one that is about to expire still fails the run during such a job', async () => {
  fill(scene.emulator, [living(1, 0.5), { days: 5, name: 'stored' }])
  const main = await scene.scenario().main()
  expect(errorOf(main)).toMatchObject({ code: 'CERT_EXPIRING', what: expect.stringContaining('"stored"') })
  expect(main.outputs).toMatchObject({ 'expiring-count': '1', 'days-remaining': '5' })
})

test('compares the whole lifetime with fail-within, not the time left', async () => {
  fill(scene.emulator, [living(29, 20), living(31, 20)])
  expect(errorOf(await scene.scenario().main()).what).toContain('"lives 31"')
  const lower = await scene.scenario({ 'fail-within': '21d' }).main()
  expect(lower.annotations.map(({ message }) => /"(.*?)"/.exec(message)?.[1]).sort()).toEqual([
    'lives 29',
    'lives 31',
  ])
  const higher = await scene.scenario({ 'fail-within': '32d' }).main()
  expect(higher).toMatchObject({ exitCode: 0, annotations: [] })
  expect(listedIn(higher).map(({ short_lived }) => short_lived)).toEqual([true, true])
})

test('counts one that has expired and was never disabled, without a warning', async () => {
  fill(scene.emulator, [living(1, -5), { days: 200, name: 'stored' }])
  const main = await scene.scenario().main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(main.outputs).toMatchObject({ 'expired-count': '1', 'days-remaining': '200' })
  expect(main.summary).toContain('⌛ expired, short-lived')
})

test('without a start date the lifetime is unknown: judges it by its expiry', async () => {
  const json = [{ id: 'a', name: 'unknown', end_date: inDays(0.5).toISOString() }]
  scene.emulator.faults.add({ answer: { status: 200, json } })
  expect(errorOf(await scene.scenario().main())).toMatchObject({
    code: 'CERT_EXPIRING',
    what: expect.stringContaining('"unknown"'),
  })
})

const HOLDING = [
  ['alive', 5, {}, undefined],
  ['expired', -1, {}, 'CERT_EXPIRED'],
  ['disabled', 5, { enabled: false }, 'CERT_DISABLED'],
] as const

test.each(HOLDING)('in use and %s', async (_name, days, fields, code) => {
  const notAfter = inDays(days)
  const dates = { notBefore: new Date(notAfter.getTime() - 7 * DAY), notAfter }
  const { base64 } = await storedP12(scene.emulator, { ...dates, ...fields, name: 'mine' })
  const main = await scene.scenario({ p12: base64, 'p12-password': PASSWORD }).main()
  expect(listedIn(main)).toMatchObject([{ in_use: true, short_lived: true }])
  expect(warningsOf(main)).toEqual([])
  if (code !== undefined) {
    expect(errorOf(main)).toMatchObject({ code, what: expect.stringContaining('"mine"') })
    return
  }
  // No threshold is short enough to alert before it expires; whoever set its lifetime has to know.
  expect(main).toMatchObject({
    exitCode: 0,
    annotations: [
      {
        level: 'notice',
        message: expect.stringMatching(/is short-lived.*'fail-within' \(30d\).*To be warned earlier/),
      },
    ],
  })
})
