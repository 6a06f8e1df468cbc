import { expect, test } from '@jest/globals'
import { annotate } from '../../../src/action/check-annotations.ts'
import type { ActionError } from '../../../src/errors.ts'
import type { Inspected } from '../../../src/operations/inspect.ts'
import type { IfNoneFound } from '../../../src/operations/nothing-checked.ts'
import { printed } from '../../support/captured.ts'
import { inspected, reportOf, shortLived } from '../../support/inventory.ts'

function run(certificates: Inspected[], ifNoneFound?: IfNoneFound) {
  let failure: ActionError | undefined
  const lines = printed(() => {
    failure = annotate(reportOf(certificates, ifNoneFound))
  })
    .split('\n')
    .filter(line => line !== '')
  const of = (level: string) => lines.filter(line => line.startsWith(`::${level} `))
  return { failure, lines, errors: of('error'), warnings: of('warning'), notices: of('notice') }
}

const times = (count: number, days: number) =>
  Array.from({ length: count }, (_, index) => inspected(days + index / 100_000))

/** The numbers in annotations that only count. */
function restOf(lines: string[]): number[] {
  const counts = lines.flatMap(line => /::([\d,]+) more certificates? /.exec(line)?.[1] ?? [])
  return counts.map(count => Number(count.replaceAll(',', '')))
}

test('with nothing to report, writes one plain line', () => {
  const { failure, lines } = run([inspected(200), inspected(-5, { enabled: false })])
  expect(failure).toBeUndefined()
  expect(lines).toEqual([expect.not.stringMatching(/^::/)])
})

test.each([
  ['error', 'NOTHING_CHECKED', 0],
  ['warn', undefined, 1],
  ['ignore', undefined, 0],
] as const)('never calls it fine when there was nothing to check: %s', (ifNoneFound, code, annotations) => {
  for (const certificates of [[], [shortLived(-5)]]) {
    const { failure, lines, warnings, errors } = run(certificates, ifNoneFound)
    expect(failure?.code).toBe(code)
    expect(errors).toEqual([])
    expect(warnings).toHaveLength(annotations)
    for (const warning of warnings) expect(warning).toMatch(/NOTHING_CHECKED.*Likely cause.*Fix/)
    expect(lines.join()).not.toContain('needs attention')
    if (ifNoneFound === 'ignore') expect(lines).toEqual([expect.stringContaining('nothing was checked')])
  }
})

test('only short-lived ones: green without an annotation, and the log says what that means', () => {
  const { failure, lines } = run([shortLived(0.5), shortLived(0.7)])
  expect(failure).toBeUndefined()
  expect(lines).toEqual([
    expect.stringMatching(/^No certificate needs attention/),
    expect.stringMatching(/^All certificates are short-lived/),
  ])
  expect(run([shortLived(0.5), inspected(200)]).lines).toHaveLength(1)
})

test('a short-lived one in use that has expired fails the run', () => {
  expect(run([shortLived(-5, { inUse: true })]).failure).toMatchObject({
    code: 'CERT_EXPIRED',
    message: expect.stringMatching(/in use.*expired 5 days ago/),
  })
})

test.each<[string, Inspected, string, RegExp]>([
  [
    'near its end',
    inspected(5),
    'CERT_EXPIRING',
    /"ends 5" \(id id-5\) expires in 5 days, on 2026-06-06 12:00 UTC\.$/,
  ],
  ['in use and near its end', inspected(5, { inUse: true }), 'CERT_EXPIRING', /in use.*expires in 5 days/],
  ['in use and expired', inspected(-5, { inUse: true }), 'CERT_EXPIRED', /in use.*expired 5 days ago/],
  [
    'in use and disabled',
    inspected(200, { inUse: true, enabled: false }),
    'CERT_DISABLED',
    /in use.*disabled/,
  ],
])('fails the run for one that is %s, with likely cause and fix', (_name, certificate, code, words) => {
  const { failure, errors } = run([certificate])
  expect(failure).toMatchObject({ code, message: expect.stringMatching(words) })
  for (const text of [failure?.why ?? 'The cause is known.', failure?.fix]) expect(text).toMatch(/\S.*\.$/)
  expect(errors).toEqual([])
})

test('names one without id or nickname by its serial number', () => {
  const { failure } = run([inspected(5, { id: '', name: '' })])
  expect(failure?.message).toMatch(/^"AB01" expires in/)
})

test('warnings alone do not fail the run', () => {
  const { failure, warnings, errors } = run([inspected(60), inspected(-60)])
  expect(failure).toBeUndefined()
  expect(errors).toEqual([])
  expect(warnings).toEqual([
    expect.stringMatching(/"ends 60".*expires in 60 days/),
    expect.stringMatching(/"ends -60".*expired 60 days ago.*still enabled/),
  ])
})

test('the worst first: failing, then expiring soon, then history; the one in use before others', () => {
  const { failure, errors, warnings } = run([
    inspected(-90),
    inspected(50),
    inspected(80, { inUse: true }),
    inspected(7),
    inspected(9),
  ])
  expect(failure?.message).toContain('"ends 7"')
  expect(errors.map(line => /"(.*?)"/.exec(line)?.[1])).toEqual(['ends 9'])
  expect(warnings.map(line => /"(.*?)"/.exec(line)?.[1])).toEqual(['ends 80', 'ends 50', 'ends -90'])
})

test.each([
  [10, 0],
  [11, 1],
  [10_000, 9_990],
])('of %i failing ones ten are errors, and %i are counted', (count, rest) => {
  const { errors, lines } = run(times(count, 1))
  expect(errors).toHaveLength(9) // the tenth is the failure itself
  expect(restOf(lines)).toEqual(rest === 0 ? [] : [rest])
})

test.each([
  [10, 0],
  [11, 1],
  [500, 490],
])('of %i warnings ten are shown and %i counted, where GitHub shows the count too', (count, rest) => {
  const { warnings, notices, lines } = run(times(count, 40))
  expect(restOf(lines)).toEqual(rest === 0 ? [] : [rest])
  for (const kind of [warnings, notices]) expect(kind.length).toBeLessThanOrEqual(10)
})
