import { posix } from 'node:path'
import { expect, test } from '@jest/globals'
import { code, entries, filesUnder, read, readJson, SERVER } from './repository.ts'

interface Import {
  from: string
  /** A path in this repository, or the name of a package. */
  to: string
}

const IMPORT = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*|\bdeclare module\s+)'([^']+)'/g

function importsOf(path: string, text = code(path)): Import[] {
  return [...text.matchAll(IMPORT)].map(([, target = '']) => ({
    from: path,
    to: target.startsWith('.') ? posix.join(posix.dirname(path), target) : packageOf(target),
  }))
}

/** The imports that remain at run time. */
function loadedBy(path: string): string[] {
  const text = code(path).replace(/^(?:import|export) type [^'=]* from '[^']+'/gm, '')
  return importsOf(path, text).map(({ to }) => to)
}

/** `node-forge/lib/asn1.js` is of `node-forge`, `@actions/core` of itself. */
function packageOf(target: string): string {
  return target.startsWith('node:') ? target : (/^(@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target)
}

const SOURCE = filesUnder('src', '.ts').flatMap(path => importsOf(path))
const EMULATOR = filesUnder('emulator', '.ts').flatMap(path => importsOf(path))
const packages = SOURCE.filter(({ to }) => !to.startsWith('src/') && !to.startsWith('node:'))
const dependencies = Object.keys(readJson('package.json').dependencies as object)

const ENTRIES = entries.map(({ source }) => source).filter(source => source.startsWith('src/'))

/** Parts that import nothing of ours: what is a library to the domain may also be its own bundle. */
const LIBRARIES = ['src/parts/rc2/']

/** Higher ones import lower ones. `parts` are separate bundles, which `action` loads on demand. Domain folders are on one level and do not import one another; what reaches a server is one level below them. */
const LEVELS = ['common', 'net', 'domain', 'operations', 'parts', 'action', 'entry'] as const
const FLOORS: readonly string[] = ['net', 'operations', 'parts', 'action'] satisfies (typeof LEVELS)[number][]

function levelOf(path: string): (typeof LEVELS)[number] {
  if (ENTRIES.includes(path)) return 'entry'
  if (LIBRARIES.some(folder => path.startsWith(folder))) return 'common'
  const [, folder = '', file] = path.split('/')
  if (file === undefined) return 'common'
  return FLOORS.includes(folder) ? (folder as (typeof LEVELS)[number]) : 'domain'
}

function goesDown({ from, to }: Import): boolean {
  const sameFolder = posix.dirname(from).split('/')[1] === posix.dirname(to).split('/')[1]
  const down = LEVELS.indexOf(levelOf(from)) > LEVELS.indexOf(levelOf(to))
  return down || (sameFolder && levelOf(from) === levelOf(to) && levelOf(from) !== 'entry')
}

const show = ({ from, to }: Import) => `${from} imports ${to}`

test('entry → action → parts → operations → domain → net → errors, ports and the like', () => {
  const own = SOURCE.filter(({ to }) => to.startsWith('src/'))
  expect(own.length).toBeGreaterThan(50)
  expect(own.filter(found => !goesDown(found)).map(show)).toEqual([])
})

test('a part that is a library imports nothing of ours', () => {
  const inside = (path: string) => LIBRARIES.some(folder => path.startsWith(folder))
  const own = SOURCE.filter(({ from, to }) => inside(from) && to.startsWith('src/'))
  expect(own.map(show)).toEqual([])
})

test('no file imports itself indirectly, not even for types', () => {
  const targets = new Map<string, string[]>()
  for (const { from, to } of [...SOURCE, ...EMULATOR]) targets.set(from, [...(targets.get(from) ?? []), to])
  const circles = [...targets.keys()].filter(start => {
    const reached = new Set(targets.get(start))
    for (const path of reached) for (const to of targets.get(path) ?? []) reached.add(to)
    return reached.has(start)
  })
  expect(targets.size).toBeGreaterThan(150)
  expect(circles).toEqual([])
})

test('src/ imports nothing from emulator, tests or scripts', () => {
  const outside = SOURCE.filter(({ to }) => /^(emulator|__tests__|scripts|bench)\//.test(to))
  expect(outside.map(show)).toEqual([])
})

test.each([
  ['@actions/core', 'src/action/'],
  ['@actions/tool-cache', 'src/parts/'],
  ['@octokit/core', 'src/github/'],
  ['@noble/ciphers', 'src/github/'],
  ['@noble/hashes', 'src/github/'],
  ['proxy-from-env', 'src/net/'],
  ['node-forge', 'src/parts/rc2/'],
  ['picomatch', 'src/operations/'],
])('only one folder imports %s', (name, folder) => {
  const users = packages.filter(({ to }) => to === name).map(({ from }) => from)
  expect(users).not.toEqual([])
  expect(users.filter(user => !user.startsWith(folder))).toEqual([])
})

test('what Node 20 or 22 lacks is not used, or has a replacement', () => {
  const lacking =
    /\b(?:validFromDate|validToDate|withResolvers|fromAsync|getCACertificates|RegExp\.escape|Promise\.try)\b/
  const sources = [...filesUnder('src', '.ts'), ...filesUnder('emulator', '.ts')]
  const users = sources.filter(path => lacking.test(code(path)))
  expect(users).toEqual(['src/net/ca-lists.ts', 'emulator/action/serve.ts'])
})

test('undici is imported where GitHub is called, and nowhere else', () => {
  const users = packages.filter(({ to }) => to === 'undici').map(({ from }) => posix.dirname(from))
  expect(new Set(users)).toEqual(new Set(['src/github']))
})

test('what is imported is a dependency, every dependency is imported, and CONTRIBUTING says why it is there', () => {
  expect([...new Set(packages.map(({ to }) => to))].sort()).toEqual(dependencies.sort())
  const reasons = [...read('CONTRIBUTING.md').matchAll(/^- `([^`]+)`: ./gm)].map(([, name]) => name)
  expect(reasons.sort()).toEqual(dependencies)
})

test('the emulator shares neither code nor X.509 library with src/', () => {
  expect(EMULATOR.filter(({ to }) => to.startsWith('src') || to.startsWith('..')).map(show)).toEqual([])
  // The runner's protocol is not part of DigiCert ONE; the next test says where it belongs.
  const shared = EMULATOR.filter(({ to }) => dependencies.includes(to) && to !== '@actions/core')
  expect(shared.map(show)).toEqual([])
})

test('only the steps that start and stop the emulator know the runner, and the emulator does not know them', () => {
  const edge = 'emulator/action/'
  const runner = EMULATOR.filter(({ to }) => to.startsWith('@actions/'))
  expect(runner).not.toEqual([])
  expect(runner.filter(({ from }) => !from.startsWith(edge)).map(show)).toEqual([])
  const upward = EMULATOR.filter(({ from, to }) => to.startsWith(edge) && !from.startsWith(edge))
  expect(upward.map(show)).toEqual([])
  // They are loaded with every job that uses it; the server's libraries belong only to the server.
  const steps = EMULATOR.filter(({ from }) => from.startsWith(edge) && from !== SERVER.source)
  const heavy = steps.filter(({ to }) => /^emulator\/(?!action\/)/.test(to) || to === SERVER.source)
  expect(heavy.map(show)).toEqual([])
})

test('what main imports first needs neither TLS nor HTTP, which load while it is connecting', () => {
  const [first = ''] = loadedBy('src/main.ts')
  expect(first).toBe('src/action/beginning.ts')
  const reached = new Set([first])
  for (const path of reached) {
    if (path.startsWith('src/')) for (const to of loadedBy(path)) reached.add(to)
  }
  expect([...reached]).toEqual(expect.arrayContaining(['node:net', 'node:crypto']))
  expect([...reached].filter(path => /^node:(tls|https?)$/.test(path))).toEqual([])
})

test('nothing reads the environment or the clock while it is imported', () => {
  // Only the entries may, and `beginning`, which is the first half of one: they are the process. Everything else does it
  // inside functions, which are indented.
  const atTopLevel =
    /^(?:export )?(?:const|let) [^=]*=(?!.*=>)[^\n]*(?:process\.env|Date\.now\(|new Date\(\))/m
  const found = filesUnder('src', '.ts').filter(
    path => !ENTRIES.includes(path) && atTopLevel.test(code(path)),
  )
  expect(found).toEqual([])
})
