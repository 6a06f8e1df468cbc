// Draws Mermaid text as GitHub does: the real package, in a real browser, which reaches no network.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { NOW } from '../support/inventory.ts'

/** What came out of a diagram. Sizes are in CSS pixels. */
export interface Drawing {
  /** Undefined when Mermaid drew it. */
  error: string | undefined
  /** Ids of the bars (`<rect class="task">`) that have a size. */
  bars: { id: string; x: number; width: number; fill: string; stroke: string }[]
  milestones: { id: string; x: number }[]
  sections: string[]
  labels: string[]
  todayX: number | undefined
  /** Dates along the axis, from left to right. */
  ticks: { text: string; left: number; right: number }[]
  /** Tags that a diagram of bars has no use for, and attributes that run code. */
  foreign: string[]
  width: number
}

const SCRIPT = createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js')

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

/** A page that knows Mermaid, and nothing but what it is given: every request is refused. */
export async function openPage(browser: Browser, script = SCRIPT): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: SUMMARY_WIDTH, height: 800 } })
  // Mermaid draws its line for today by the browser's clock.
  await page.clock.setFixedTime(NOW)
  await page.route('**/*', route => route.abort())
  await page.setContent(
    '<!doctype html><meta charset="utf-8"><body style="margin:16px;font-family:sans-serif;background:#fff"><div id="at" style="width:948px"></div></body>',
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

export function draw(page: Page, diagram: string): Promise<Drawing> {
  return page.evaluate(drawInPage, diagram)
}

/** As much of a browser as is used here; the compiler knows Node alone. */
interface PageElement {
  id: string
  tagName: string
  textContent: string | null
  innerHTML: string
  outerHTML: string
  classList: Iterable<string> & { contains(name: string): boolean }
  getAttribute(name: string): string | null
  getAttributeNames(): string[]
  getBoundingClientRect(): { left: number; right: number; width: number; height: number }
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
}

interface Browsing {
  document: { getElementById(id: string): PageElement }
  getComputedStyle(element: PageElement): { fill: string; stroke: string }
  mermaid: {
    initialize(config: object): void
    render(id: string, text: string): Promise<{ svg: string }>
  }
}

/** Runs in the browser, so it may use nothing from around it. */
async function drawInPage(text: string): Promise<Drawing> {
  const { document, getComputedStyle, mermaid } = globalThis as unknown as Browsing
  const at = document.getElementById('at')
  at.textContent = ''
  // As GitHub configures it: strict, so that labels are text and clicks do nothing.
  mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', suppressErrorRendering: true })
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
  return {
    error: error ?? undefined,
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
    labels: texts('text.taskText, text.taskTextOutsideRight, text.taskTextOutsideLeft'),
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
