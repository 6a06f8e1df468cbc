import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { renderGantt } from '../../src/action/check-gantt.ts'
import { renderCheckSummary } from '../../src/action/check-summary.ts'
import { gantt as renderRows } from '../../src/action/mermaid.ts'
import { byAttention } from '../../src/action/most-important.ts'
import { renderRotationGantt } from '../../src/action/rotate-gantt.ts'
import type { Inspected } from '../../src/operations/inspect.ts'
import type { RotationReport } from '../../src/operations/rotate/types.ts'
import { HOSTILE_NICKNAMES, inspected, NOW, reportOf, shortLived, THRESHOLDS } from '../support/inventory.ts'
import { skipping } from '../support/platform.ts'
import { fencedBlocks, markdownFiles, read } from '../unit/contract/repository.ts'
import { type Drawing, draw, findChromium, mermaidOf, openPage, startBrowser, THEMES } from './mermaid.ts'

const chromium = findChromium()
const HINT = 'chromium missing: apt-get install chromium'

let browser: Browser
let page: Page

beforeAll(async () => {
  if (chromium === undefined) return
  browser = await startBrowser(chromium)
  page = await openPage(browser)
})
afterAll(() => browser?.close())

/** Without a browser: a visible skip, or a failure with REQUIRE_TOOLS=1. */
function drawn(title: string, body: () => Promise<void>): void {
  if (chromium !== undefined) test(title, body)
  else if (process.env.REQUIRE_TOOLS === '1')
    test(title, () => {
      throw new Error(HINT)
    })
  else skipping(HINT)(title, body)
}

const gantt = (certificates: Inspected[]) => draw(page, mermaidOf(renderGantt(certificates, THRESHOLDS, NOW)))

/** Every certificate has a bar, every threshold a mark, and there is nothing else. */
function expectComplete(drawing: Drawing, bars: number): void {
  expect(drawing.error).toBeUndefined()
  expect(drawing.labels).toEqual([])
  expect(drawing.titlesEnd).toBeLessThanOrEqual(drawing.barsBegin)
  expect(drawing.bars).toHaveLength(bars)
  expect(new Set(drawing.bars.map(({ id }) => id)).size).toBe(bars)
  expect(drawing.milestones).toHaveLength(3)
  expect(drawing.sections).toHaveLength(bars + 3)
  expect(drawing.todayX).toBeGreaterThan(0)
  expect(drawing.foreign).toEqual([])
  expect(drawing.bars.filter(({ x, width }) => !(x >= 0 && x + width <= drawing.width))).toEqual([])
}

const COUNTS = [1, 30, 200]

for (const count of COUNTS) {
  drawn(`${count} with plain nicknames: a bar each, and the nickname on it`, async () => {
    const certificates = Array.from({ length: count }, (_, index) =>
      inspected(index * 2 - 10, { name: `product-${index} release`, inUse: index === 7 }),
    )
    const drawing = await gantt(certificates)
    expectComplete(drawing, count)
    for (const { name } of certificates) {
      expect(drawing.sections.filter(title => title.includes(`${name}`))).not.toEqual([])
    }
  })

  drawn(
    `${count} with hostile nicknames: a bar each, in a summary whose other parts are hostile too`,
    async () => {
      const rounds = count === 1 ? HOSTILE_NICKNAMES.map(name => [name]) : [HOSTILE_NICKNAMES]
      for (const names of rounds) {
        const certificates = Array.from({ length: count }, (_, index) =>
          inspected(index - 5, { name: names[index % names.length] ?? '', serialNumber: '' }),
        )
        const summary = renderCheckSummary(reportOf(certificates), THRESHOLDS, '/tmp/```mermaid', {})
        const drawing = await draw(page, mermaidOf(summary))
        expect({ names: names.slice(0, 1), error: drawing.error }).toMatchObject({ error: undefined })
        expectComplete(drawing, count)
      }
    },
  )
}

for (const name of HOSTILE_NICKNAMES) {
  drawn(`the nickname ${JSON.stringify(name).slice(0, 60)} harms no other bar, in use or not`, async () => {
    for (const inUse of [true, false]) {
      const drawing = await gantt([inspected(5), inspected(40, { name, inUse }), inspected(100)])
      expectComplete(drawing, 3)
      expect(drawing.sections.join('\n')).toMatch(/ends 5\b[\s\S]*ends 100\b/)
    }
  })
}

const DAY = 86_400_000
const GRACE = { graceSeconds: 7 * 86_400, rotateWithinSeconds: 60 * 86_400, force: false }
const inDays = (days: number) => new Date(NOW.getTime() + days * DAY)

function rotated(name: string): RotationReport {
  const old = { name, startDate: inDays(-330), endDate: inDays(35) }
  return {
    current: { record: { name }, facts: { notBefore: NOW, notAfter: inDays(180) } },
    waiting: [{ record: old, why: 'superseded', until: inDays(7) }],
    disabled: [],
    dueFrom: inDays(120),
    now: NOW,
  } as unknown as RotationReport
}

drawn('each state has its own color, and disabled is not expired', async () => {
  const states = [
    inspected(200),
    inspected(60),
    inspected(10),
    inspected(-10),
    inspected(200, { enabled: false }),
  ]
  const drawing = await gantt(states)
  expectComplete(drawing, states.length)
  const looks = drawing.bars.map(({ fill, stroke }) => `${fill} in ${stroke}`)
  expect(new Set(looks).size).toBe(states.length)
})

drawn(
  'marks stand where they belong: today, then fail-within, then warn-within, on the scale of the bars',
  async () => {
    const drawing = await gantt([inspected(30), inspected(90), inspected(180)])
    const [today = Number.NaN, fail = Number.NaN, warn = Number.NaN] = drawing.milestones.map(({ x }) => x)
    const ends = drawing.bars.map(({ x, width }) => x + width)
    expect(Math.abs(fail - (ends[0] ?? 0))).toBeLessThan(6)
    expect(Math.abs(warn - (ends[1] ?? 0))).toBeLessThan(6)
    expect(today).toBeLessThan(fail)
    expect(fail).toBeLessThan(warn)
  },
)

drawn('history that goes back for years leaves room for what is ahead', async () => {
  const history = Array.from({ length: 20 }, (_, index) => inspected(-3000 + index * 100))
  const drawing = await gantt([...history, inspected(20), inspected(170)])
  expectComplete(drawing, 22)
  const [today = 0, fail = 0] = drawing.milestones.map(({ x }) => x)
  expect(fail - today).toBeGreaterThan(30)
})

drawn(
  'dates along the axis differ and do not run into each other, from one day to ten years, and there are some',
  async () => {
    const row = { id: 'a', title: 'a title of forty characters, as the longest', look: 'fine' } as const
    for (const days of [
      0.3, 0.5, 1, 1.4, 1.6, 2, 3, 3.9, 4.1, 5, 7, 10, 14, 21, 30, 60, 90, 120, 180, 300, 397, 500, 730, 1100,
      1825, 3650,
    ]) {
      for (const offset of [0, 17, 45]) {
        const from = inDays(offset)
        const rows = [{ ...row, from, to: inDays(offset + days) }]
        const { ticks } = await draw(page, mermaidOf(renderRows(rows)))
        expectApart(ticks, days)
        expect(ticks.length).toBeGreaterThanOrEqual(days < 1 ? 1 : 2)
      }
    }
  },
)

function expectApart(ticks: Drawing['ticks'], days: number): void {
  const overlaps = ticks.filter((tick, index) => tick.left < (ticks[index - 1]?.right ?? 0) + 2)
  expect({ days, overlaps }).toEqual({ days, overlaps: [] })
  expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length)
}

drawn('what expired years ago takes no date from the axis', async () => {
  for (const days of [-500, -2000, -6000]) {
    const { ticks } = await gantt([inspected(days), inspected(100)])
    expectApart(ticks, days)
    expect(ticks.length).toBeGreaterThanOrEqual(5)
  }
})

drawn('within a day, each certificate ends and each mark stands at its hour', async () => {
  const brief = (hours: number) => inspected(hours / 24, { notBefore: NOW, name: `for ${hours} h` })
  const thresholds = { failWithin: 6 * 3600, warnWithin: 12 * 3600 }
  const diagram = renderGantt([brief(6), brief(12), brief(24)], thresholds, NOW)
  const { bars, milestones, todayX, error } = await draw(page, mermaidOf(diagram))
  expect(error).toBeUndefined()
  expect(todayX).toBeUndefined()
  const [today = Number.NaN, fail = Number.NaN, warn = Number.NaN] = milestones.map(({ x }) => x)
  const ends = bars.map(({ x, width }) => x + width)
  expect(Math.abs((bars[0]?.x ?? 0) - today)).toBeLessThan(3)
  expect(Math.abs((ends[0] ?? 0) - fail)).toBeLessThan(3)
  expect(Math.abs((ends[1] ?? 0) - warn)).toBeLessThan(3)
  expect((ends[2] ?? 0) - today).toBeGreaterThan(500)
})

/** What WCAG 2 requires for text of this size. */
const READABLE = 4.5

/** One of each state, disabled and in use, long expired and longer than the timeline. */
const EVERY_STATE = [
  inspected(200, { name: 'in-use-disabled', inUse: true, enabled: false }),
  ...[-3000, -100, -1, 0.2, 10, 60, 200, 900].map(days =>
    inspected(days, { name: `octo-org-desktop ${days}` }),
  ),
  shortLived(0.5),
  shortLived(-5),
  inspected(100, { enabled: false }),
]

for (const theme of THEMES) {
  drawn(
    `every text is readable in Mermaid's theme ${theme}, on bars of every state and next to them`,
    async () => {
      const themed = await openPage(browser, theme)
      const diagrams = [
        renderGantt(EVERY_STATE, THRESHOLDS, NOW),
        renderGantt([inspected(5000), ...EVERY_STATE], { failWithin: 0, warnWithin: 86_400 }, NOW),
        renderGantt([inspected(200), inspected(200, { kind: 'signing', name: 'release' })], THRESHOLDS, NOW),
        renderRotationGantt(rotated('release'), GRACE),
        renderRotationGantt({ ...rotated('release'), reason: 'due', dueFrom: inDays(-1) }, GRACE),
      ]
      for (const diagram of diagrams) {
        const { contrasts, labels, error } = await draw(themed, mermaidOf(diagram), theme)
        expect(error).toBeUndefined()
        expect(labels).toEqual([])
        expect(contrasts.length).toBeGreaterThan(8)
        expect(contrasts.filter(({ contrast }) => !(contrast >= READABLE))).toEqual([])
      }
      await themed.close()
    },
  )
}

drawn(
  'the measure detects what nobody can read: an orange mark with a label next to it, in dark mode',
  async () => {
    const themed = await openPage(browser, 'dark')
    const diagram =
      'gantt\n  dateFormat YYYY-MM-DD\n  section a\n  warn-within :active, milestone, 2026-06-01, 0d\n'
    const { contrasts } = await draw(themed, diagram, 'dark')
    expect(contrasts.find(({ text }) => text === 'warn-within')?.contrast).toBeLessThan(2)
    await themed.close()
  },
)

drawn('a dry run shows on its bar that a new certificate is due', async () => {
  const colourOf = async (report: RotationReport) =>
    (await draw(page, mermaidOf(renderRotationGantt(report, GRACE)))).bars.find(({ id }) =>
      id.endsWith('current'),
    )?.fill
  const states: Partial<RotationReport>[] = [
    {},
    { reason: 'due', dueFrom: inDays(-1) },
    { reason: 'refused' },
  ]
  const colours: unknown[] = []
  for (const state of states) colours.push(await colourOf({ ...rotated('a'), ...state }))
  expect(new Set(colours).size).toBe(3)
})

drawn('a certificate of a few hours, one without a start, and thresholds of nothing or a year', async () => {
  const hours = inspected(0.1, { notBefore: new Date(NOW.getTime() + 3_600_000) })
  const unknown = inspected(50, { notBefore: undefined })
  const past = inspected(-50, { notBefore: undefined })
  for (const thresholds of [
    { failWithin: 0, warnWithin: 0 },
    { failWithin: 365 * 86_400, warnWithin: 365 * 86_400 },
  ]) {
    const diagram = mermaidOf(renderGantt([past, hours, unknown], thresholds, NOW))
    expectComplete(await draw(page, diagram), 3)
  }
})

drawn('30 plausible certificates, as the documentation shows them', async () => {
  const drawing = await draw(page, mermaidOf(renderGantt(byAttention(plausible()), THRESHOLDS, NOW)))
  expectComplete(drawing, 30)
  // To renew the picture: UPDATE_SCREENSHOT=docs/images/check-timeline.png npm test -- mermaid
  const path = process.env.UPDATE_SCREENSHOT
  if (path !== undefined) await page.locator('#at').screenshot({ path })
})

drawn(
  'a rotation: old and new overlap, and the grace period is within both, whatever the nicknames are',
  async () => {
    for (const name of ['release', ...HOSTILE_NICKNAMES]) {
      const drawing = await draw(page, mermaidOf(renderRotationGantt(rotated(name), GRACE)))
      expect({ name, error: drawing.error }).toEqual({ name, error: undefined })
      expect(drawing.foreign).toEqual([])
      expect(drawing.sections).toHaveLength(5)
      expect(drawing.milestones).toHaveLength(2)
      expect(drawing.bars).toHaveLength(3)
      const [fresh, old, grace] = ['current', 'old0', 'grace0'].map(id => {
        const bar = drawing.bars.find(found => found.id.endsWith(id))
        return { from: bar?.x ?? Number.NaN, to: (bar?.x ?? 0) + (bar?.width ?? 0) }
      })
      if (fresh === undefined || old === undefined || grace === undefined) throw new Error('a bar is missing')
      expect(old.from).toBeLessThan(fresh.from)
      expect(fresh.from).toBeLessThan(old.to)
      expect(grace.from).toBeGreaterThanOrEqual(fresh.from - 1)
      expect(grace.to).toBeLessThan(old.to)
      expect(old.to).toBeLessThan(fresh.to)
    }
  },
)

function plausible(): Inspected[] {
  const products =
    'windows-installer,macos-notary,java-agent,firmware,android-app,cli,drivers,nuget,helm,nightly'
  const names = ['prod', 'staging', 'dev'].flatMap(stage =>
    products.split(',').map(name => `${name}-${stage}`),
  )
  const days =
    '-60 -12 4 12 25 28 40 45 52 60 66 75 85 95 101 110 118 120 133 140 142 150 155 161 170 172 175 178 179 180'
  return days.split(' ').map((left, index) =>
    inspected(Number(left), {
      name: names[index] ?? '',
      enabled: ![1, 17, 22].includes(index),
      inUse: index === 6,
    }),
  )
}

drawn('every diagram in the pages of this repository is drawn, too', async () => {
  const diagrams = markdownFiles.flatMap(path => fencedBlocks(read(path), 'mermaid'))
  expect(diagrams.length).toBeGreaterThan(1)
  for (const diagram of diagrams) {
    const { error } = await draw(page, diagram)
    expect({ diagram, error }).toEqual({ diagram, error: undefined })
  }
})
