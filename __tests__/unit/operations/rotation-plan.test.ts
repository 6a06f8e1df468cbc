import { describe, expect, test } from '@jest/globals'
import type { CertificateRecord } from '../../../src/digicert/records.ts'
import { findFamily } from '../../../src/operations/family.ts'
import { replacedSerial, rotationNickname } from '../../../src/operations/nickname.ts'
import {
  type Observation,
  planRotation,
  type RotationSettings,
} from '../../../src/operations/rotation-plan.ts'
import { constantRandom } from '../../support/ports.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const DAY = 86_400_000
const at = (days: number) => new Date(NOW.getTime() + days * DAY)
const SETTINGS: RotationSettings = {
  rotateWithinSeconds: 60 * 86_400,
  graceSeconds: 7 * 86_400,
  force: false,
}

interface Known {
  serial: string
  replaces?: string
  start?: number | undefined
  enabled?: boolean
}

function record({ serial, replaces, start = -100, enabled = true }: Known): CertificateRecord {
  const name =
    replaces === undefined ? `by hand ${serial}` : rotationNickname('app', replaces, constantRandom(1))
  return {
    id: `id-${serial}`,
    name,
    userId: 'user',
    serialNumber: serial,
    enabled,
    startDate: start === undefined ? undefined : at(start),
    endDate: at(100),
    certificate: '',
    caCertificates: '',
  }
}

interface Target {
  name: string
  updatedAt: Date | undefined
}

const written = (...days: (number | undefined)[]): Target[] =>
  days.map((day, index) => ({ name: `target ${index}`, updatedAt: day === undefined ? undefined : at(day) }))

/** `A` is in use. */
function plan(
  known: Known[],
  targets: Target[],
  changes: Partial<Observation<Target>> = {},
  settings: Partial<RotationSettings> = {},
) {
  const family = findFamily(known.map(record), 'A')
  if (family === undefined) throw new Error('A is not listed')
  const observed = {
    now: NOW,
    family,
    notBefore: at(-100),
    notAfter: at(100),
    refused: false,
    targets,
    ...changes,
  }
  const { issue, write, disable, waiting, dueFrom } = planRotation(observed, { ...SETTINGS, ...settings })
  return {
    issue,
    write: write.map(({ target, why }) => `${target.name}: ${why}`),
    disable: disable.map(({ record, why }) => `${record.serialNumber}: ${why}`),
    waiting: waiting.map(
      ({ record, until }) => `${record.serialNumber} until ${until?.toISOString() ?? 'settled'}`,
    ),
    dueFrom,
  }
}

const QUIET = { issue: undefined, write: [], disable: [], waiting: [], dueFrom: at(40) }

test('nothing is due: nothing is done', () => {
  expect(plan([{ serial: 'A' }], written(-50, -99))).toEqual(QUIET)
})

describe('a new certificate', () => {
  test.each([
    ['a second before it is due', 60 + 1 / 86_400, undefined],
    ['when exactly `rotate-within` is left', 60, 'due'],
    ['when less is left', 59, 'due'],
    ['when it has expired', -1, 'due'],
  ])('%s', (_when, left, issue) => {
    expect(plan([{ serial: 'A' }], written(-1), { notAfter: at(left) }).issue).toBe(issue)
  })

  test.each([
    ['it is disabled', [{ serial: 'A', enabled: false }], {}, {}, 'disabled'],
    ['the clientauth host refuses it', [{ serial: 'A' }], { refused: true }, {}, 'refused'],
    ['somebody insists', [{ serial: 'A' }], {}, { force: true }, 'forced'],
  ])('because %s', (_why, known, changes, settings, issue) => {
    expect(plan(known, written(-1), changes, settings).issue).toBe(issue)
  })

  test('goes to every target, also to one that is behind or new, and nothing that may be held is disabled', () => {
    const known = [{ serial: 'A', replaces: 'B', start: -30 }, { serial: 'B' }]
    expect(plan(known, written(-20, -40, undefined), {}, { force: true })).toEqual({
      issue: 'forced',
      write: ['target 0: new', 'target 1: new', 'target 2: new'],
      disable: [],
      waiting: ['B until settled'],
      dueFrom: at(40),
    })
  })
})

describe('a target', () => {
  test.each([
    ['written before the certificate in use began missed it', -30.1, ['target 0: stale']],
    ['written in the same second holds it', -30, []],
    ['written later holds it', -29, []],
    ['without the secret is written', undefined, ['target 0: missing']],
  ])('%s', (_what, day, write) => {
    expect(plan([{ serial: 'A', start: -30.00001 }], written(day)).write).toEqual(write)
  })

  test('is judged by the certificate itself where the API tells no start', () => {
    const known = [{ ...{ serial: 'A' }, start: undefined }]
    const family = findFamily([{ ...record(known[0] as Known), startDate: undefined }], 'A')
    if (family === undefined) throw new Error('A is not listed')
    const observed = { now: NOW, family, notBefore: at(-10), notAfter: at(100), refused: false }
    expect(planRotation({ ...observed, targets: written(-11) }, SETTINGS).write).toHaveLength(1)
    expect(planRotation({ ...observed, targets: written(-9) }, SETTINGS).write).toHaveLength(0)
  })
})

describe('the predecessor', () => {
  const known = [{ serial: 'A', replaces: 'B', start: -30 }, { serial: 'B' }]

  test.each([
    ['stays until the grace is over', -6.99, [], [`B until ${at(0.01).toISOString()}`]],
    ['goes when it is over', -7, ['B: superseded'], []],
  ])('%s', (_what, day, disable, waiting) => {
    expect(plan(known, written(day, day))).toEqual({ ...QUIET, disable, waiting })
  })

  test('stays while one target is behind, however long that takes', () => {
    expect(plan(known, written(-20, -31))).toEqual({
      ...QUIET,
      write: ['target 1: stale'],
      waiting: ['B until settled'],
    })
  })

  test('is left alone when it is disabled already', () => {
    expect(
      plan(
        [
          { serial: 'A', replaces: 'B', start: -30 },
          { serial: 'B', enabled: false },
        ],
        written(-20),
      ),
    ).toEqual(QUIET)
  })

  test('with a grace of nothing goes in the run that sees every target written', () => {
    expect(plan(known, written(0), {}, { graceSeconds: 0 }).disable).toEqual(['B: superseded'])
  })

  test('goes after every target was written again when they were not written by one run', () => {
    const minutes = (count: number) => count / 1440
    expect(plan(known, written(-20, -20 + minutes(5))).write).toEqual([])
    expect(plan(known, written(-20, -20 + minutes(6)))).toMatchObject({
      write: ['target 0: again', 'target 1: again'],
      disable: ['B: superseded'],
    })
  })
})

describe('an orphan', () => {
  const family = (start: number) => [
    { serial: 'A', replaces: 'B', start: -30 },
    { serial: 'B', enabled: false },
    { serial: 'C', replaces: 'B', start },
  ]

  test('stays until it is older than the grace', () => {
    expect(plan(family(-6), written(-20))).toEqual({ ...QUIET, waiting: [`C until ${at(1).toISOString()}`] })
  })

  test('that no target can hold goes without more ado, also in a run that rotates', () => {
    expect(plan(family(-8), written(-20))).toEqual({ ...QUIET, disable: ['C: orphan'] })
    expect(plan(family(-8), written(-20), {}, { force: true }).disable).toEqual(['C: orphan'])
  })

  test('that a target may hold goes after every target was written again', () => {
    const targets = written(-20, -8)
    expect(plan(family(-8), targets)).toEqual({
      ...QUIET,
      write: ['target 0: again', 'target 1: again'],
      disable: ['C: orphan'],
    })
    expect(plan(family(-8), targets, {}, { force: true }).disable).toEqual([])
  })

  test('of unknown age stays', () => {
    const records = family(-8).map(record)
    const [current, old, orphan] = records as [CertificateRecord, CertificateRecord, CertificateRecord]
    const found = findFamily([current, old, { ...orphan, startDate: undefined }], 'A')
    if (found === undefined) throw new Error('A is not listed')
    const observed = {
      now: NOW,
      family: found,
      notBefore: at(-30),
      notAfter: at(100),
      refused: false,
      targets: written(-20),
    }
    const result = planRotation(observed, SETTINGS)
    expect(result.disable).toEqual([])
    expect(result.waiting.map(({ until }) => until)).toEqual([undefined])
  })
})

test('when more than the predecessor is left, every target is written again before anything is disabled', () => {
  const known = [{ serial: 'A', replaces: 'B', start: -30 }, { serial: 'B', replaces: 'C' }, { serial: 'C' }]
  expect(plan(known, written(-20, -20))).toEqual({
    ...QUIET,
    write: ['target 0: again', 'target 1: again'],
    disable: ['B: superseded', 'C: superseded'],
  })
})

describe('the family', () => {
  const members = (known: Known[]) => {
    const family = findFamily(known.map(record), 'A')
    return {
      predecessors: family?.predecessors.map(({ serialNumber }) => serialNumber),
      orphans: family?.orphans.map(({ serialNumber }) => serialNumber),
    }
  }

  test('is the line of predecessors, and what else was issued to replace one of them or the current one', () => {
    const known = [
      { serial: 'A', replaces: 'B' },
      { serial: 'B', replaces: 'C' },
      { serial: 'C' },
      { serial: 'D', replaces: 'A' },
      { serial: 'E', replaces: 'C' },
      { serial: 'F', replaces: 'E' },
    ]
    expect(members(known)).toEqual({ predecessors: ['B', 'C'], orphans: ['D', 'E', 'F'] })
  })

  test('knows no strangers: other names, and other families of rotation', () => {
    const known = [
      { serial: 'A' },
      { serial: 'B' },
      { serial: 'C', replaces: 'B' },
      { serial: '', replaces: 'A' },
    ]
    expect(members(known)).toEqual({ predecessors: [], orphans: [] })
  })

  test('ends where nicknames go round in a circle, and where a predecessor is not listed', () => {
    expect(
      members([
        { serial: 'A', replaces: 'B' },
        { serial: 'B', replaces: 'A' },
      ]),
    ).toEqual({
      predecessors: ['B'],
      orphans: [],
    })
    expect(
      members([
        { serial: 'A', replaces: 'B' },
        { serial: 'C', replaces: 'B' },
      ]),
    ).toEqual({
      predecessors: [],
      orphans: ['C'],
    })
  })

  test('is unknown when the API does not list the certificate in use', () => {
    expect(findFamily([record({ serial: 'B' })], 'A')).toBeUndefined()
  })
})

describe('the nickname', () => {
  test.each([1, 16, 32, 40, 48])(
    'of 64 characters at most, with a serial number of %i digits in it',
    length => {
      const serial = 'F'.repeat(length)
      const nickname = rotationNickname(
        'octo-org/a-very-long-name-of-a-repository-that-goes-on',
        serial,
        constantRandom(7),
      )
      expect(nickname.length).toBeLessThanOrEqual(64)
      expect(nickname).toMatch(/^[A-Za-z0-9 _-]+$/)
      expect(replacedSerial(nickname)).toBe(serial)
    },
  )

  test.each([
    '',
    'release',
    'replaces-',
    'x-replaces-12AB',
    'x-replaces-12ab-abcdef',
    'xreplaces-12AB-abcdef',
    'a-replaces-12AB-abcdef-b',
  ])('"%s" is nothing of ours', name => {
    expect(replacedSerial(name)).toBeUndefined()
  })
})
