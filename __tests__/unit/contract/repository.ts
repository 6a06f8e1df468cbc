// Reads this repository's own files, for tests that compare them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { type Action, readAction } from '../../support/runner.ts'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Generated files, and `dist`, which is checked by building it again. */
const SKIPPED = ['node_modules', 'build', 'coverage', '.git']

/** Paths relative to the root, with slashes, of all files below a folder. */
export function filesUnder(folder: string, extension = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(entry => !SKIPPED.includes(entry.name))
    .flatMap(entry => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return filesUnder(path, extension)
      return entry.isFile() && path.endsWith(extension) ? [path] : []
    })
    .sort()
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

export function exists(path: string): boolean {
  return existsSync(join(ROOT, path))
}

export function readJson(path: string): Record<string, unknown> {
  return JSON.parse(read(path)) as Record<string, unknown>
}

/** All actions of this repository, by what a workflow writes after `uses:`. */
export const actions: ReadonlyMap<string, Action & { folder: string }> = new Map(
  // __tests__ contains stand-ins for other people's actions.
  filesUnder('', 'action.yml')
    .filter(path => !path.startsWith('__tests__/'))
    .map(path => {
      const folder = posix.dirname(path)
      const uses = folder === '.' ? 'OWNER/REPO@v1' : `OWNER/REPO/${folder}@v1`
      return [uses, { ...readAction(join(ROOT, folder)), folder }]
    }),
)

/** The bundles named in the metadata of all actions, each with its source. */
export const entries = [...actions.values()].flatMap(({ folder, runs }) =>
  [runs.main, runs.post]
    .filter(bundle => bundle !== undefined)
    .map(bundle => ({
      bundle: posix.join(folder, bundle),
      source: sourceOf(posix.basename(posix.dirname(bundle))),
    })),
)

/** The emulator is not part of `src/`, nor are the steps that start and stop it. */
function sourceOf(bundle: string): string {
  const [, step] = /^emulator-(.+)$/.exec(bundle) ?? []
  return step === undefined ? `src/${bundle}.ts` : `emulator/action/${step}.ts`
}

/** Not named in any metadata: the emulator's main step starts it next to the job. */
export const SERVER = { bundle: 'dist/emulator-serve/index.js', source: sourceOf('emulator-serve') }

export const markdownFiles = filesUnder('', '.md')

/** TypeScript without comments, so that prose is not mistaken for code. Good enough for this code base. */
export function code(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
}

/** The lines of a Markdown file that are not inside a fenced block. */
export function proseOf(markdown: string): string {
  return markdown.replace(/^( *)```[\s\S]*?^\1```$/gm, '')
}

/** The fenced blocks of one language, without their indentation. */
export function fencedBlocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)]
    .filter(([, , found]) => found === language)
    .map(([, indent = '', , body = '']) => body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
}

/** What follows a second-level heading, up to the next one. */
export function sectionOf(markdown: string, heading: string): string {
  const sections = markdown.split(/^## /m)
  const found = sections.find(text => text.startsWith(`${heading}\n`))
  if (found === undefined) throw new Error(`no section ${heading}`)
  return found
}

/** The cells of the table whose header row begins with these names. */
export function tableRows(markdown: string, ...header: string[]): string[][] {
  const lines = markdown.split('\n')
  const start = lines.findIndex(line => header.every((name, index) => cellsOf(line)[index] === name))
  if (start < 0) throw new Error(`no table with the columns ${header.join(', ')}`)
  const rest = lines.slice(start + 2)
  const end = rest.findIndex(line => !line.startsWith('|'))
  return rest.slice(0, end < 0 ? rest.length : end).map(cellsOf)
}

function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map(cell => cell.trim())
}

/** Each of the names that a table cell consists of, if it is nothing else. */
export function codesOf(cell: string | undefined): (string | undefined)[] {
  return (cell ?? '').split(', ').map(codeOf)
}

/** The code that a table cell consists of, if it is nothing else. */
export function codeOf(cell: string | undefined): string | undefined {
  return /^`([^`]+)`$/.exec(cell ?? '')?.[1]
}

export interface Step {
  id?: string
  name?: string
  if?: string
  uses?: string
  run?: string
  with?: Record<string, unknown>
}

export interface Workflow {
  on?: {
    workflow_dispatch?: { inputs?: Record<string, unknown> } | null
    workflow_call?: {
      inputs?: Record<string, { default?: unknown; required?: boolean }>
      secrets?: Record<string, { required?: boolean }>
    }
  }
  permissions?: unknown
  jobs?: Record<
    string,
    {
      if?: string
      needs?: unknown
      environment?: unknown
      permissions?: unknown
      concurrency?: unknown
      steps?: Step[]
    }
  >
}

export function stepsOf({ jobs = {} }: Workflow): Step[] {
  return Object.values(jobs).flatMap(({ steps = [] }) => steps)
}

export function parseYaml(text: string): unknown {
  return parse(text)
}
