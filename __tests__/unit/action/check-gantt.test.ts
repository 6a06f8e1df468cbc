import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { MOST_BARS, renderGantt } from '../../../src/action/check-gantt.ts'
import { HOSTILE_NICKNAMES, inspected, NOW, shortLived, THRESHOLDS } from '../../support/inventory.ts'

const render = (certificates: ReturnType<typeof inspected>[]) => renderGantt(certificates, THRESHOLDS, NOW)

/** A bar is two lines: its title, then tags, an id of ours, and two days. */
const BAR = /^ {2}section (\S.*)\n {2}\ufe0f :((?:[a-z]+, )*)c(\d+), (\d{4}-\d\d-\d\d), (\d{4}-\d\d-\d\d)$/
/** What Mermaid's grammar for gantt reads as its own where a line begins; see gantt.jison. */
const KEYWORD =
  /^(gantt|dateFormat|inclusiveEndDates|topAxis|axisFormat|tickInterval|includes|excludes|todayMarker|weekday|weekend|title|accTitle|accDescr|section|click|call|href|%|#|;|-{3}|\d{4}-\d\d-\d\d)/i

function barsOf(diagram: string) {
  const lines = diagram.split('\n')
  const from = lines.findIndex(line => /^ +section warn-within/.test(line)) + 2
  const pairs = lines.slice(from, lines.lastIndexOf('```'))
  const bars = pairs.flatMap((line, index) => (index % 2 === 0 ? [`${line}\n${pairs[index + 1]}`] : []))
  return bars
    .map(text => BAR.exec(text) ?? [text])
    .map(([line, label = '', tags = '', index, start = '', end = '']) => ({
      line,
      label,
      tags,
      index,
      start,
      end,
    }))
}

test('a fenced block with the marks and a bar each', () => {
  const diagram = render([inspected(-5), inspected(10), inspected(50), inspected(200)])
  expect(diagram).toMatch(/^```mermaid\n[\s\S]*\n```\n$/)
  expect(diagram).toMatch(/section today\n.*milestone.*2026-06-01/)
  expect(diagram).toMatch(/section fail-within\n.*milestone.*2026-07-01/)
  expect(diagram).toMatch(/section warn-within\n.*milestone.*2026-08-30/)
  expect(barsOf(diagram).map(({ index, end }) => [index, end])).toEqual([
    ['0', '2026-05-27'],
    ['1', '2026-06-11'],
    ['2', '2026-07-21'],
    ['3', '2026-12-18'],
  ])
})

test('tags tell the state, and disabled is not expired', () => {
  const states = [
    inspected(-5),
    inspected(10),
    inspected(50),
    inspected(200),
    inspected(200, { enabled: false }),
  ]
  expect(new Set(barsOf(render(states)).map(({ tags }) => tags)).size).toBe(5)
})

test('a short-lived one is muted, with a sign that distinguishes it from a disabled one', () => {
  const bars = barsOf(render([shortLived(0.5), shortLived(-5), inspected(200, { enabled: false })]))
  expect(bars.map(({ tags }) => tags)).toEqual(['done, ', 'done, ', 'done, '])
  expect(bars.map(({ label }) => label.split(' ')[0])).toEqual(['🔵', '⌛', '⚪'])
})

test('labels the one in use as such', () => {
  const [bar] = barsOf(render([inspected(10, { name: 'mine', inUse: true })]))
  expect(bar?.label).toMatch(/IN USE.*mine/)
})

test.each(HOSTILE_NICKNAMES)('%j is a label and nothing else', name => {
  const bars = barsOf(render([inspected(10, { name }), inspected(20, { name, serialNumber: '' })]))
  expect(bars).toHaveLength(2)
  for (const { label, index } of bars) {
    expect(index).toBeDefined()
    expect(label).not.toMatch(KEYWORD)
    expect([...label].length).toBeLessThan(100)
  }
})

test('whatever the nickname, a bar is one line of our form', () => {
  const names = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.tuple(fc.constantFrom(...HOSTILE_NICKNAMES), fc.string()).map(([first, rest]) => `${first} ${rest}`),
  )
  fc.assert(
    fc.property(names, fc.integer({ min: -900, max: 900 }), (name, days) => {
      const [bar, ...rest] = barsOf(render([inspected(days, { name })]))
      expect(rest).toEqual([])
      expect(bar?.index).toBe('0')
      expect(bar?.label).not.toMatch(KEYWORD)
      expect(bar?.label).not.toMatch(/[;#%"'`<>&:\n\r{}]/)
      expect((bar?.start ?? '') < (bar?.end ?? '')).toBe(true)
    }),
  )
})

test("two hundred of the longest labels stay below Mermaid's limit", () => {
  const name = '𠀀'.repeat(300)
  const diagram = render(
    Array.from({ length: MOST_BARS }, (_, index) => inspected(index, { name, inUse: true })),
  )
  expect(diagram.length).toBeLessThan(50_000)
})

test('no bar has a label, whose color could be unreadable in one theme, and all titles differ', () => {
  const diagram = render([inspected(5, { name: 'twin' }), inspected(5, { name: 'twin' }), inspected(50)])
  expect(barsOf(diagram).map(({ label }) => label)).toEqual(['🔴 twin', '🔴 twin (2)', '🟠 ends 50'])
  for (const line of diagram.split('\n').filter(text => / :/.test(text)))
    expect(line).toMatch(/^ {2}\ufe0f :/)
})

test('history of years ago stands at the edge, and the dates along the axis are those of what is drawn', () => {
  const axis = /axisFormat (\S+)\n {2}tickInterval (\S+)/
  const without = axis.exec(render([inspected(100)]))?.slice(1)
  expect(axis.exec(render([inspected(100), inspected(-4000)]))?.slice(1)).toEqual(without)
  expect(without).toEqual(['%Y-%m', '1month'])
  const [, old] = barsOf(render([inspected(100), inspected(-4000)]))
  expect([old?.start, old?.end]).toEqual(['2026-02-01', '2026-02-02'])
})

test('where days are wide the hour counts, and the line for today, in the zone of the reader, is off', () => {
  const brief = (hours: number) => inspected(hours / 24, { name: `for ${hours} h`, notBefore: NOW })
  const diagram = renderGantt([brief(6), brief(20)], { failWithin: 3600, warnWithin: 7200 }, NOW)
  expect(diagram).toContain('dateFormat YYYY-MM-DD HH:mm\n  axisFormat %m-%d %H:%M\n  tickInterval 4hour')
  expect(diagram).toContain('todayMarker off')
  expect(diagram).toContain('c0, 2026-06-01 12:00, 2026-06-01 18:00')
  expect(diagram).toContain('c1, 2026-06-01 12:00, 2026-06-02 08:00')
  expect(diagram).toMatch(/section fail-within\n.*milestone, 2026-06-01 13:00/)
  expect(render([inspected(100)])).not.toContain('todayMarker')
})

test('long nicknames that differ at their end have titles that do', () => {
  const of = (end: string) => `octo-hello-worl-replaces-468791CB486C371EB3142F11E5163E53-${end}`
  const bars = barsOf(
    render([inspected(100, { name: of('mkdpwq') }), inspected(101, { name: of('zkn2tu') })]),
  )
  expect(bars.map(({ label }) => label)).toEqual([
    '🟢 octo-hello-worl-replaces-46…63E53-mkdpwq',
    '🟢 octo-hello-worl-replaces-46…63E53-zkn2tu',
  ])
})
