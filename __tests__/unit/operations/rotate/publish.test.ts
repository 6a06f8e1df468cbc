import { describe, expect, test } from '@jest/globals'
import { ActionError } from '../../../../src/errors.ts'
import { feeds, parseTarget } from '../../../../src/github/target.ts'
import { type ObservedTarget, proveWritable, publish } from '../../../../src/operations/rotate/publish.ts'
import { SecretsPublisher } from '../../../../src/operations/rotate/secrets.ts'
import { type FakeSecrets, fakeSecrets } from '../../../support/fake-secrets.ts'
import { fakeLog } from '../../../support/ports.ts'

const OWN = 'octo-org/hello.world'
const APP = 'octo-org/app'
const ORG = 'org:octo-org'
const PUBLICATION = {
  names: { p12: 'P12', password: 'PASSWORD' },
  p12: Buffer.from('the P12'),
  password: 'the password',
  repository: OWN,
}
const DENIED = new ActionError('GITHUB_PERMISSION', { what: 'It may not.', why: 'Why.', fix: 'Fix.' })

function targetOf(name: string) {
  const target = parseTarget(name)
  if (target === undefined) throw new Error(`no target: ${name}`)
  return target
}

function observed(name: string, updatedAt: Date | undefined = new Date(0)): ObservedTarget {
  const target = targetOf(name)
  return { target, name, updatedAt, feeds: feeds(target, OWN) } as ObservedTarget
}

async function run(secrets: FakeSecrets, targets: ObservedTarget[], changes: { password?: string } = {}) {
  const log = fakeLog()
  const writes = targets.map(target => ({ target, why: 'new' as const }))
  const results = await publish(writes, { ...PUBLICATION, ...changes }, { secrets: secrets.as, log })
  const states = Object.fromEntries(results.map(({ name, state }) => [name, state]))
  return { results, states, warnings: log.of('warning'), infos: log.of('info') }
}

test("writes the workflow's own targets before any other: the next run reads there what is in use", async () => {
  let writingOwn = 0
  const secrets = fakeSecrets(
    {},
    {
      write: async name => {
        if (name === APP) expect(writingOwn).toBe(0)
        else writingOwn++
        await new Promise(resolve => setImmediate(resolve))
        if (name !== APP) writingOwn--
      },
    },
  )
  const { states } = await run(
    secrets,
    [APP, OWN, ORG].map(name => observed(name)),
  )
  expect(secrets.calls).toEqual([`WRITE P12 ${OWN}`, `WRITE P12 ${ORG}`, `WRITE P12 ${APP}`])
  expect(states).toEqual({ [OWN]: 'written', [ORG]: 'written', [APP]: 'written' })
})

test('a failed one neither stops the others nor goes unnoticed', async () => {
  const secrets = fakeSecrets(
    {},
    {
      write: name => {
        if (name === OWN) throw DENIED
      },
    },
  )
  const { results, states, warnings, infos } = await run(secrets, [observed(OWN), observed(APP)])
  expect(states).toEqual({ [OWN]: 'failed', [APP]: 'written' })
  expect(results.find(({ name }) => name === OWN)?.problem).toBe(DENIED)
  // The error that stops the run names it, once.
  expect(warnings).toEqual([])
  expect(infos).toEqual([`Could not write ${OWN}: It may not.`, `Wrote P12 to ${APP}: the new certificate.`])
})

test('a bug in this action is not a failed target', async () => {
  const secrets = fakeSecrets(
    {},
    {
      write: () => {
        throw new TypeError('undefined is not a function')
      },
    },
  )
  await expect(run(secrets, [observed(OWN)])).rejects.toThrow(TypeError)
})

test('writes the P12 in base64 without line breaks', async () => {
  const secrets = fakeSecrets()
  await run(secrets, [observed(OWN)])
  expect(secrets.values.get(`P12 ${OWN}`)).toBe(Buffer.from('the P12').toString('base64'))
})

describe('the password', () => {
  /** GitHub's response for a secret that does not exist. */
  const withoutP12 = { ...observed(OWN), updatedAt: undefined }

  test('comes before the P12 in a target that had none', async () => {
    const secrets = fakeSecrets()
    await run(secrets, [withoutP12])
    expect(secrets.calls).toEqual([`WRITE PASSWORD ${OWN}`, `WRITE P12 ${OWN}`])
    expect(secrets.values.get(`PASSWORD ${OWN}`)).toBe('the password')
  })

  test('is unchanged where there is a P12: one write keeps both consistent', async () => {
    const secrets = fakeSecrets()
    await run(secrets, [observed(OWN)])
    expect(secrets.calls).toEqual([`WRITE P12 ${OWN}`])
  })

  test('is not written when it is empty, which GitHub refuses', async () => {
    const secrets = fakeSecrets()
    await run(secrets, [withoutP12], { password: '' })
    expect(secrets.calls).toEqual([`WRITE P12 ${OWN}`])
  })

  test('keeps the P12 from being written when it cannot be', async () => {
    const secrets = fakeSecrets(
      {},
      {
        write: (_name, secret) => {
          if (secret === 'PASSWORD') throw DENIED
        },
      },
    )
    const { states } = await run(secrets, [withoutP12])
    expect(states).toEqual({ [OWN]: 'failed' })
    expect(secrets.calls).toEqual([`WRITE PASSWORD ${OWN}`])
  })
})

test('writes at most ten targets at once', async () => {
  let open = 0
  let most = 0
  const secrets = fakeSecrets(
    {},
    {
      write: async () => {
        most = Math.max(most, ++open)
        await new Promise(resolve => setImmediate(resolve))
        open--
      },
    },
  )
  await run(
    secrets,
    Array.from({ length: 35 }, (_, index) => observed(`octo-org/r${index}`)),
  )
  expect(secrets.calls).toHaveLength(35)
  expect(most).toBe(10)
})

test('one target that the token may not write is enough to stop', async () => {
  const secrets = fakeSecrets(
    {},
    {
      may: name => {
        if (name === APP) throw DENIED
      },
    },
  )
  const targets = [OWN, APP].map(targetOf)
  const checked = proveWritable(targets, { secrets: secrets.as, log: fakeLog() })
  await expect(checked).rejects.toMatchObject({ code: 'GITHUB_PERMISSION' })
  expect(secrets.calls.filter(call => call.startsWith('WRITE'))).toEqual([])
})

test.each([
  [10, 0],
  [11, 1],
  [200, 1],
])('groups the log of %i targets when it is long', async (targets, groups) => {
  const log = fakeLog()
  const names = Array.from({ length: targets }, (_, index) => `octo-org/r${index}`)
  const lookout = { targets: names.map(targetOf), names: PUBLICATION.names, repository: OWN }
  const publisher = new SecretsPublisher(lookout, { secrets: fakeSecrets({}).as, log })
  const writes = names.map(name => ({ target: observed(name), why: 'new' as const }))
  await publisher.publish(writes, PUBLICATION)
  const titles = log.of('group')
  expect(titles).toEqual(groups === 0 ? [] : [`Writing ${targets} targets`, 'end'])
  // Every line is inside the group.
  if (groups > 0) {
    expect(log.lines[0]?.[0]).toBe('group')
    expect(log.lines.at(-1)).toEqual(['group', 'end'])
    expect(log.lines).toHaveLength(targets + 2)
  }
})
