import { describe, expect, test } from '@jest/globals'
import type { CertificateRecord } from '../../../../src/digicert/records.ts'
import { replacedSerial, rotationNickname } from '../../../../src/operations/nickname.ts'
import { findFamily } from '../../../../src/operations/rotate/family.ts'
import {
  type Observation,
  planRotation,
  type RotationSettings,
} from '../../../../src/operations/rotate/plan.ts'
import { constantRandom } from '../../../support/ports.ts'

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
  end?: number
  enabled?: boolean
}

function record({ serial, replaces, start = -100, end = 100, enabled = true }: Known): CertificateRecord {
  const name =
    replaces === undefined ? `by hand ${serial}` : rotationNickname('app', replaces, constantRandom(1))
  return {
    id: `id-${serial}`,
    name,
    userId: 'user',
    serialNumber: serial,
    enabled,
    startDate: start === undefined ? undefined : at(start),
    endDate: at(end),
    publicKey: '',
    certificate: '',
    caCertificates: '',
  }
}

interface Target {
  name: string
  updatedAt: Date | undefined
  feeds: boolean
}

const target = (name: string, day: number | undefined, feeds = false): Target => ({
  name,
  updatedAt: day === undefined ? undefined : at(day),
  feeds,
})

/** Only the first one feeds the workflow. */
const written = (...days: (number | undefined)[]): Target[] =>
  days.map((day, index) => target(`target ${index}`, day, index === 0))

/** `A` is in use. */
const IN_USE = { id: 'id-A', serialNumber: 'A' }

function plan(
  known: Known[],
  targets: Target[],
  changes: Partial<Observation<Target>> = {},
  settings: Partial<RotationSettings> = {},
) {
  const family = findFamily(known.map(record), IN_USE)
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

test('does nothing when nothing is due', () => {
  expect(plan([{ serial: 'A' }], written(-50, -98))).toEqual(QUIET)
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

  test('goes to every target, also to one that is behind or new, and nothing that one may contain is disabled', () => {
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

const HOUR = 1 / 24
const MINUTE = HOUR / 60
const SECOND = MINUTE / 60
/** `A` was issued to replace `B`. */
const pair = (start: number, change: Partial<Known> = {}): Known[] => [
  { serial: 'A', replaces: 'B', start },
  { serial: 'B', ...change },
]

describe('a target', () => {
  test('is written when it lacks the secret', () => {
    expect(plan(pair(-3), written(-3, undefined)).write).toEqual(['target 1: missing'])
  })

  test.each([
    ['from two days after the start of the certificate on, contains it', -1, []],
    ['written sooner may not', -1 - SECOND, ['target 1: doubtful']],
    ['written before may not', -4, ['target 1: doubtful']],
    ['long before may not', -90, ['target 1: doubtful']],
    ['together with what feeds the workflow contains it', -3 + 2 * MINUTE, []],
    ['a second before that may not', -3 - SECOND + MINUTE, ['target 1: doubtful']],
    ['later than one run takes may not', -3 + 10 * MINUTE, ['target 1: doubtful']],
  ])('written %s', (_what, day, write) => {
    expect(plan(pair(-3), written(-3 + MINUTE, day)).write).toEqual(write)
  })

  test('gets the time that one run with hundreds of targets takes', () => {
    const others = (minutes: number) => Array.from({ length: 500 }, () => -3 + minutes * MINUTE)
    expect(plan(pair(-3), written(-3, ...others(21))).write).toEqual([])
    expect(plan(pair(-3), written(-3, ...others(22))).write).toHaveLength(500)
  })

  test('is in doubt for two days when none feeds the workflow', () => {
    const others = (day: number) => written(day, day).map(one => ({ ...one, feeds: false }))
    expect(plan(pair(-3), others(-2)).write).toEqual(['target 0: doubtful', 'target 1: doubtful'])
    expect(plan(pair(-3), others(-1)).write).toEqual([])
  })

  test('is judged by the certificate itself when the API has no start date', () => {
    const family = findFamily([{ ...record({ serial: 'A' }), startDate: undefined }], IN_USE)
    if (family === undefined) throw new Error('A is not listed')
    const observed = { now: NOW, family, notBefore: at(-3), notAfter: at(100), refused: false }
    const count = (...targets: Target[]) => planRotation({ ...observed, targets }, SETTINGS).write.length
    expect(count(target('app', -1 - SECOND))).toBe(1)
    expect(count(target('app', -1))).toBe(0)
  })
})

describe('the next run writes a target whose write failed', () => {
  const noon = -1
  test.each([
    ['dated to the day, and the secret is of the same morning', noon - 12 * HOUR, noon - 4 * HOUR],
    ['dated back by an hour, and the secret is younger', noon - HOUR, noon - HOUR / 2],
    ["by a clock far behind GitHub's", noon - 5 * HOUR, noon - 3 * HOUR],
    ["by a clock far ahead of GitHub's", noon + 5 * HOUR, noon - 3 * HOUR],
  ])('when the certificate is %s', (_how, start, secret) => {
    const targets = written(noon, secret, noon + MINUTE)
    for (const enabled of [true, false])
      expect(plan(pair(start, { enabled }), targets).write).toContain('target 1: doubtful')
  })

  test('when nothing is left to disable and the clock was set back, until that is ruled out', () => {
    const dead = pair(noon, { enabled: false })
    expect(plan(dead, written(noon, noon + 25 * MINUTE))).toEqual({ ...QUIET, write: ['target 1: doubtful'] })
    expect(plan(dead, written(noon, noon + 2))).toEqual(QUIET)
  })

  test('when what it may contain instead does not work, even if one run seems to have written all', () => {
    const targets = written(noon, noon + MINUTE)
    expect(plan(pair(noon, { enabled: true }), targets).write).toEqual([])
    expect(plan(pair(noon, { enabled: false }), targets).write).toEqual(['target 1: doubtful'])
  })

  test('when one run seems to have written both, but the predecessor has expired or is no longer listed', () => {
    const targets = written(-1, -1 + MINUTE)
    expect(plan(pair(-1), targets).write).toEqual([])
    expect(plan(pair(-1, { end: -0.5 }), targets).write).toEqual(['target 1: doubtful'])
    expect(
      plan(
        pair(-1).filter(({ serial }) => serial === 'A'),
        targets,
      ).write,
    ).toEqual(['target 1: doubtful'])
  })

  test.each([
    ['long ago', -60],
    ['minutes before', -20 - MINUTE],
  ])('when the others got one that is not in use, and the one in use was written %s', (_when, day) => {
    const known = [...pair(-60), { serial: 'C', replaces: 'A', start: -20 }]
    expect(plan(known, written(day, -20, -20))).toEqual({
      ...QUIET,
      write: ['target 1: doubtful', 'target 2: doubtful'],
      waiting: ['B until settled', 'C until settled'],
    })
  })

  test('when an interrupted run may have written it meanwhile, and the predecessor does not work', () => {
    const known = (enabled: boolean) => [...pair(-30, { enabled }), { serial: 'C', replaces: 'B', start: -3 }]
    expect(plan(known(false), written(-30, -3 + MINUTE)).write).toEqual(['target 1: doubtful'])
    expect(plan(known(false), written(-30, -1)).write).toEqual([])
    expect(plan(known(true), written(-2, -2 + MINUTE)).write).toEqual([])
  })

  test('as does every other run while it fails; nothing is disabled meanwhile', () => {
    for (const days of [1, 8, 60])
      expect(plan(pair(-days), written(-days, -90, -days))).toEqual({
        ...QUIET,
        write: ['target 1: doubtful'],
        waiting: ['B until settled'],
      })
  })
})

test('disables an expired one at once, even with a target in doubt, and writes nothing for that', () => {
  expect(plan(pair(-3, { end: -1 }), written(-3, -90))).toMatchObject({
    write: ['target 1: doubtful'],
    disable: ['B: superseded'],
    waiting: [],
  })
})

describe('the target that feeds the workflow', () => {
  test.each([
    ["DigiCert ONE's clock is ahead of GitHub's", 2 * HOUR],
    ['it is behind', -2 * HOUR],
    ['the start is dated to the day', -12 * HOUR],
  ])('is not written alone without need: %s', (_how, ahead) => {
    for (const enabled of [true, false])
      expect(plan(pair(-1 + ahead, { enabled }), written(-1)).write).toEqual([])
  })

  test('is written alone when its secret is much older than the P12 of this run', () => {
    expect(plan(pair(-10), written(-13)).write).toEqual(['target 0: doubtful'])
  })

  test.each([
    ['one run wrote them one by one', 0, 20, 40, false],
    ['one run wrote them within the same second', 0, 0, 0, false],
    ['the second one is older than the first, by seconds', 0, -20, 40, true],
    ['the second one is older, by hours', 0, -7200, 40, true],
    ['the second one is younger than one write takes', 0, 31, 60, true],
    ['the first one has none', undefined, 0, 40, true],
  ])('is written with all the others, if any, unless one run wrote all: %s', (...row) => {
    const [, first, second, other, write] = row
    const day = (seconds: number | undefined) => (seconds === undefined ? undefined : -1 + seconds * SECOND)
    const targets = [
      target('repository', day(first), true),
      target('organization', day(second), true),
      target('other', day(other)),
    ]
    const names = plan(pair(-1), targets).write.map(line => line.split(':')[0])
    expect(names).toEqual(write ? ['repository', 'organization', 'other'] : [])
  })
})

describe('the predecessor', () => {
  test.each([
    ['stays until the grace period is over', -6.99, [], [`B until ${at(0.01).toISOString()}`]],
    ['goes when it is over', -7, ['B: superseded'], []],
  ])('%s', (_what, day, disable, waiting) => {
    expect(plan(pair(-30), written(day))).toEqual({ ...QUIET, disable, waiting })
  })

  test('is disabled only after all other targets were written once more, whatever the dates say', () => {
    const done = { ...QUIET, disable: ['B: superseded'] }
    expect(plan(pair(-30), written(-20, -20))).toEqual({ ...done, write: ['target 1: again'] })
    const feeding = written(-20, -20).map(one => ({ ...one, feeds: true }))
    expect(plan(pair(-30), feeding)).toEqual({ ...done, write: ['target 0: again', 'target 1: again'] })
  })

  test('stays while one target is in doubt, however long that takes', () => {
    expect(plan(pair(-30), written(-20, -31))).toEqual({
      ...QUIET,
      write: ['target 1: doubtful'],
      waiting: ['B until settled'],
    })
  })

  test('is left alone when it is disabled already', () => {
    expect(plan(pair(-30, { enabled: false }), written(-20, -20))).toEqual(QUIET)
  })

  test('with a grace period of zero, is disabled in the run that sees every target written', () => {
    expect(plan(pair(0), written(0), {}, { graceSeconds: 0 }).disable).toEqual(['B: superseded'])
  })
})

describe('an orphan', () => {
  const family = (start: number) => [...pair(-30, { enabled: false }), { serial: 'C', replaces: 'B', start }]

  test('stays until it is older than the grace period', () => {
    expect(plan(family(-6), written(-20))).toEqual({ ...QUIET, waiting: [`C until ${at(1).toISOString()}`] })
    expect(plan(family(-7), written(-20)).disable).toEqual(['C: orphan'])
  })

  test('stays for the grace period after the last write, because a target may have contained it before', () => {
    expect(plan(family(-29), written(-6)).waiting).toEqual([`C until ${at(1).toISOString()}`])
    expect(plan(family(-29), written(-7)).disable).toEqual(['C: orphan'])
  })

  test('that started at midnight may be from any time of that day', () => {
    expect(plan(family(-6.5), written(-20)).waiting).toEqual([`C until ${at(1.5).toISOString()}`])
    expect(plan(family(-7.5), written(-20)).waiting).toEqual([`C until ${at(0.5).toISOString()}`])
    expect(plan(family(-8.5), written(-20)).disable).toEqual(['C: orphan'])
  })

  test('is disabled only after every target was written once more, including the one that feeds the workflow', () => {
    expect(plan(family(-29), written(-20, -20))).toEqual({
      ...QUIET,
      write: ['target 0: again', 'target 1: again'],
      disable: ['C: orphan'],
    })
  })

  test('stays in a run that issues a certificate', () => {
    expect(plan(family(-29), written(-20), {}, { force: true })).toMatchObject({
      disable: [],
      waiting: ['C until settled'],
    })
  })

  test('stays when its age is unknown', () => {
    const records = family(-8).map(record)
    const [current, old, orphan] = records as [CertificateRecord, CertificateRecord, CertificateRecord]
    const found = findFamily([current, old, { ...orphan, startDate: undefined }], IN_USE)
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

test('when more than the predecessor is left, writes every target again before it disables anything', () => {
  const known = [{ serial: 'A', replaces: 'B', start: -30 }, { serial: 'B', replaces: 'C' }, { serial: 'C' }]
  expect(plan(known, written(-20, -20))).toEqual({
    ...QUIET,
    write: ['target 0: again', 'target 1: again'],
    disable: ['B: superseded', 'C: superseded'],
  })
})

describe('the family', () => {
  const serials = (records: CertificateRecord[] = []) => records.map(({ serialNumber }) => serialNumber)
  const members = (known: Known[]) => {
    const family = findFamily(known.map(record), IN_USE)
    return {
      predecessors: serials(family?.predecessors),
      orphans: serials(family?.orphans),
      successors: serials(family?.successors),
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
      { serial: '10', replaces: 'D' },
    ]
    expect(members(known)).toEqual({
      predecessors: ['B', 'C'],
      orphans: ['D', 'E', 'F', '10'],
      successors: ['D', '10'],
    })
  })

  test('excludes strangers: other names, and other rotations', () => {
    const known = [
      { serial: 'A' },
      { serial: 'B' },
      { serial: 'C', replaces: 'B' },
      { serial: '', replaces: 'A' },
    ]
    expect(members(known)).toEqual({ predecessors: [], orphans: [], successors: [] })
  })

  test('reads the whole serial numbers of older nicknames, and both forms side by side', () => {
    const [first, second, third] = ['1', '2', '3'].map(digit => digit.repeat(40))
    if (first === undefined || second === undefined || third === undefined) throw new Error('never')
    const old = { ...record({ serial: second }), name: `app-replaces-${first}-abcdef` }
    const records = [record({ serial: first }), old, record({ serial: third, replaces: second })]
    const family = findFamily(records, { id: `id-${third}`, serialNumber: third })
    expect(family?.predecessors.map(({ serialNumber }) => serialNumber)).toEqual([second, first])
    const orphan = { ...record({ serial: '4' }), name: `app-replaces-${third}-abcdef` }
    const unlisted = findFamily([record({ serial: second, replaces: third }), orphan], {
      id: `id-${second}`,
      serialNumber: second,
    })
    expect(unlisted?.orphans).toEqual([orphan])
  })

  test('stops where nicknames form a circle, and where a predecessor is not listed', () => {
    expect(
      members([
        { serial: 'A', replaces: 'B' },
        { serial: 'B', replaces: 'A' },
      ]),
    ).toEqual({
      predecessors: ['B'],
      orphans: [],
      successors: [],
    })
    expect(
      members([
        { serial: 'A', replaces: 'B' },
        { serial: 'C', replaces: 'B' },
      ]),
    ).toEqual({
      predecessors: [],
      orphans: ['C'],
      successors: [],
    })
  })

  test('is unknown when the API does not list the certificate in use', () => {
    expect(findFamily([record({ serial: 'B' })], IN_USE)).toBeUndefined()
  })
})

describe('the nickname', () => {
  test.each([1, 16, 32, 40, 48])(
    'has at most 64 characters, with a serial number of %i digits or its end, and owner and repository',
    length => {
      const serial = '0123456789ABCDEF'.repeat(3).slice(-length)
      const nickname = rotationNickname(
        'octo-org/a-very-long-name-of-a-repository-that-goes-on',
        serial,
        constantRandom(7),
      )
      expect(nickname.length).toBeLessThanOrEqual(64)
      expect(nickname).toMatch(/^[A-Za-z0-9 _-]+$/)
      expect(replacedSerial(nickname)).toBe(serial.slice(-16))
      expect(nickname).toMatch(/^octo(-org)?-a-very-lon.*-replaces-/)
      expect(nickname).toContain(`-${serial.slice(-32)}-`)
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
  ])('"%s" is not one of ours', name => {
    expect(replacedSerial(name)).toBeUndefined()
  })
})
