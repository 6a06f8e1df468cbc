// Draws Mermaid text as GitHub does: the real package, in a real browser without network access.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { NOW } from '../support/inventory.ts'

/** The result of drawing a diagram. Sizes are in CSS pixels. */
export interface Drawing {
  /** Undefined when Mermaid drew it. */
  error: string | undefined
  /** Ids of the bars (`<rect class="task">`) that have a size. */
  bars: { id: string; x: number; width: number; fill: string; stroke: string }[]
  milestones: { id: string; x: number }[]
  sections: string[]
  /** Texts on or beside bars: there should be none, because no color is readable there in both themes. */
  labels: string[]
  /** Every text, and its contrast with the page and with whatever is behind it (WCAG 2, 1 to 21). */
  contrasts: { text: string; contrast: number }[]
  /** Where the section's title with this index ends, and the bars begin. */
  titlesEnd: number
  barsBegin: number
  todayX: number | undefined
  /** Dates along the axis, from left to right. */
  ticks: { text: string; left: number; right: number }[]
  /** Tags that a bar chart does not need, and attributes that run code. */
  foreign: string[]
  width: number
}

const SCRIPT = createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js')

/** Mermaid's names for what GitHub shows in light and dark mode. */
export type Theme = 'default' | 'dark'
export const THEMES: Theme[] = ['default', 'dark']

/** What is behind a job summary on GitHub. */
const PAGES: Record<Theme, string> = { default: '#ffffff', dark: '#0d1117' }

/** GitHub shows a job summary at about this width. */
const SUMMARY_WIDTH = 980

export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map(folder => join(folder, 'chromium')).find(path => existsSync(path))
}

export async function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A page with Mermaid and nothing but what it is given: every request is refused. */
export async function openPage(browser: Browser, theme: Theme = 'default', script = SCRIPT): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: SUMMARY_WIDTH, height: 800 } })
  // Mermaid draws its line for today from the browser's clock.
  await page.clock.setFixedTime(NOW)
  await page.route('**/*', route => route.abort())
  await page.setContent(
    `<!doctype html><meta charset="utf-8"><body style="margin:16px;font-family:sans-serif;background:${PAGES[theme]}"><div id="at" style="width:948px"></div></body>`,
  )
  await page.addScriptTag({ path: script })
  return page
}

/** The text of the one Mermaid block of a summary. */
export function mermaidOf(markdown: string): string {
  const blocks = [...markdown.matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
  if (blocks.length !== 1) throw new Error(`${blocks.length} Mermaid blocks`)
  return blocks[0] ?? ''
}

/** @param theme that GitHub passes to Mermaid, by the reader's settings */
export function draw(page: Page, diagram: string, theme: Theme = 'default'): Promise<Drawing> {
  return page.evaluate(drawInPage, { text: diagram, theme })
}

/** The parts of a browser used here; the compiler only knows Node. */
interface PageElement {
  id: string
  tagName: string
  textContent: string | null
  innerHTML: string
  outerHTML: string
  classList: Iterable<string> & { contains(name: string): boolean }
  getAttribute(name: string): string | null
  getAttributeNames(): string[]
  getBoundingClientRect(): Box
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
}

interface Box {
  left: number
  right: number
  top: number
  bottom: number
  width: number
  height: number
}

interface Browsing {
  document: { body: PageElement; getElementById(id: string): PageElement }
  getComputedStyle(element: PageElement): {
    fill: string
    stroke: string
    opacity: string
    backgroundColor: string
  }
  mermaid: {
    initialize(config: object): void
    render(id: string, text: string): Promise<{ svg: string }>
  }
}

/** Runs in the browser, so it may use nothing from around it. */
async function drawInPage({ text, theme }: { text: string; theme: Theme }): Promise<Drawing> {
  const { document, getComputedStyle, mermaid } = globalThis as unknown as Browsing
  const at = document.getElementById('at')
  at.textContent = ''
  // As GitHub configures it: strict, so that labels are text and clicks do nothing.
  mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', suppressErrorRendering: true, theme })
  const error = await mermaid.render('diagram', text).then(
    ({ svg }) => {
      at.innerHTML = svg
    },
    (cause: unknown) => String(cause),
  )
  const all = (selector: string) => [...at.querySelectorAll(selector)]
  const size = (element: PageElement, name: string) => Number(element.getAttribute(name))
  const texts = (selector: string) => all(selector).map(element => (element.textContent ?? '').trim())
  const tasks = all('rect.task')
  const isMilestone = (task: PageElement) => task.classList.contains('milestone')
  const today = at.querySelector('line.today')
  const outer = at.querySelector('svg')?.getBoundingClientRect()
  const useful = new Set('svg g rect line text tspan path style title desc'.split(' '))
  const isForeign = (element: PageElement) =>
    !useful.has(element.tagName.toLowerCase()) ||
    element.getAttributeNames().some(name => name.startsWith('on') || name.endsWith('href'))
  type Colour = [red: number, green: number, blue: number, alpha: number]
  const parse = (css: string): Colour => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (css.match(/[\d.]+/g) ?? []).map(Number)
    return [red, green, blue, alpha]
  }
  const luminance = (colour: Colour) => {
    const [red = 0, green = 0, blue = 0] = colour.map(value => {
      const part = value / 255
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const over = (top: Colour, share: number, bottom: Colour): Colour => {
    const mix = (index: 0 | 1 | 2) => top[index] * share + bottom[index] * (1 - share)
    return [mix(0), mix(1), mix(2), 1]
  }
  const contrast = (one: Colour, other: Colour) => {
    const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }
  const surface = parse(getComputedStyle(document.body).backgroundColor)
  const shapes = all('rect').map(shape => {
    const { fill, opacity } = getComputedStyle(shape)
    const colour = parse(fill)
    return { box: shape.getBoundingClientRect(), behind: over(colour, colour[3] * Number(opacity), surface) }
  })
  const touches = (a: Box, b: Box) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
  const contrastOf = (element: PageElement) => {
    const box = element.getBoundingClientRect()
    const { fill, opacity } = getComputedStyle(element)
    const behind = [surface, ...shapes.filter(shape => touches(shape.box, box)).map(shape => shape.behind)]
    return Math.min(
      ...behind.map(colour => contrast(over(parse(fill), parse(fill)[3] * Number(opacity), colour), colour)),
    )
  }
  const titles = all('text.sectionTitle')
  return {
    error: error ?? undefined,
    contrasts: all('text')
      .filter(element => /[\p{L}\p{N}]/u.test(element.textContent ?? ''))
      .map(element => ({ text: (element.textContent ?? '').trim(), contrast: contrastOf(element) })),
    titlesEnd: Math.max(...titles.map(title => title.getBoundingClientRect().right)),
    barsBegin: Math.min(
      ...tasks.filter(task => !isMilestone(task)).map(task => task.getBoundingClientRect().left),
    ),
    bars: tasks
      .filter(task => !isMilestone(task) && size(task, 'width') > 0 && size(task, 'height') > 0)
      .map(task => ({
        id: task.id,
        x: size(task, 'x'),
        width: size(task, 'width'),
        fill: getComputedStyle(task).fill,
        stroke: getComputedStyle(task).stroke,
      })),
    milestones: tasks
      .filter(isMilestone)
      .map(task => ({ id: task.id, x: size(task, 'x') + size(task, 'width') / 2 })),
    sections: texts('text.sectionTitle'),
    labels: texts('text.taskText, text.taskTextOutsideRight, text.taskTextOutsideLeft').filter(
      label => label.replaceAll('\ufe0f', '') !== '',
    ),
    todayX: today === null ? undefined : size(today, 'x1'),
    ticks: all('.grid .tick text')
      .map(tick => ({ text: tick.textContent ?? '', box: tick.getBoundingClientRect() }))
      .map(tick => ({ text: tick.text, left: tick.box.left, right: tick.box.right }))
      .sort((a, b) => a.left - b.left),
    foreign: all('*')
      .filter(isForeign)
      .map(({ outerHTML }) => outerHTML),
    width: outer?.width ?? 0,
  }
}
