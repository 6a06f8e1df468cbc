// Builds dist/: tsc removes the types (ncc's own TypeScript loader needs the JavaScript API that TypeScript 7 no
// longer has), then ncc makes one file for each entry and each part. Given a folder, builds there instead of dist/.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { minify } from 'terser'
import { type BundledPackage, type BundleStats, packagesIn, renderLicenses } from './bundled.ts'
import { renderSbom } from './sbom.ts'

const ENTRIES = ['main', 'post', 'check', 'access', 'rotate']
/** The emulator's action: its steps, and the server between them. `emulator/action/start.ts` becomes dist/emulator-start. */
const EMULATOR = ['start', 'stop', 'serve']
/**
 * Code that is too heavy for the bundles of the entries, which load it when they need it: `src/parts/name/index.ts`
 * becomes dist/parts/name/index.js. Code in a folder of src/ imports it with
 * `await import(/* webpackIgnore: true *\/ '../parts/name/index.ts')`, a path that leads there from dist/main/ as well.
 */
const PARTS = ['list', 'rc2', 'smctl']
/**
 * Parts of @actions/core that this action does not use, and their stand-ins: OIDC tokens (with an HTTP client and a
 * second undici), details of the platform (with a process launcher), the summary (with fs.promises, 3 ms to load).
 */
const UNUSED = {
  'oidc-utils.js': 'export const OidcClient = undefined',
  'platform.js': 'export {}',
  'summary.js': 'export const summary = undefined, markdownSummary = undefined',
}

interface NccResult {
  code: string
  assets: Record<string, { source: string | Buffer }>
  stats: BundleStats
}

const root = fileURLToPath(new URL('..', import.meta.url))
const target = resolve(root, process.argv[2] ?? 'dist')
// Another process may be running the old one, so the new one replaces it in one step.
const fresh = `${target}.new`
const require = createRequire(import.meta.url)
const ncc = require('@vercel/ncc') as (entry: string, options: object) => Promise<NccResult>

rmSync(join(root, 'build'), { recursive: true, force: true })
rmSync(fresh, { recursive: true, force: true })
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--noCheck'],
  { stdio: 'inherit' },
)
const core = join(root, 'build/src/node_modules/@actions/core')
cpSync(join(root, 'node_modules/@actions/core'), core, { recursive: true })
for (const [file, standIn] of Object.entries(UNUSED)) writeFileSync(join(core, 'lib', file), standIn)

// ncc reads in the nearest package.json whether to make ES modules. The entries are CommonJS, which loads
// some milliseconds faster; a part is what `import()` loads.
for (const [folder, manifest] of [
  ['build', {}],
  ['build/src/parts', { type: 'module' }],
  ['build/emulator', {}],
] as const) {
  writeFileSync(join(root, folder, 'package.json'), JSON.stringify(manifest))
}

const contents = new Map<string, BundledPackage[]>()
// One file each: loading a further large one takes some 2 ms, more than parsing what is not needed.
const bundles = [
  ...ENTRIES.map(entry => ({ folder: entry, source: `src/${entry}.js`, file: 'step.js' })),
  ...PARTS.map(part => ({ folder: `parts/${part}`, source: `src/parts/${part}/index.js`, file: 'index.js' })),
  ...EMULATOR.map(step => ({
    folder: `emulator-${step}`,
    source: `emulator/action/${step}.js`,
    file: 'step.js',
  })),
]
/** What the runner starts, in front of each step.js: a tenth of a millisecond, and half of one for the second file. */
const first = await minify(readFileSync(join(root, 'build/src/node-version.cjs'), 'utf8'), { toplevel: true })
for (const { folder, source, file } of bundles) {
  const { code, assets, stats } = await ncc(join(root, 'build', source), {
    cache: false,
    quiet: true,
    // For @actions/tool-cache, of which only the cache is used, and for the emulator's @actions/core: downloads, archives
    // and OIDC tokens have empty stand-ins.
    externals: {
      '@actions/http-client': 'node:path',
      '@actions/http-client/lib/auth': 'node:path',
      '@actions/exec': 'node:path',
    },
  })
  const packages = packagesIn(stats)
  contents.set(folder, packages)
  // With terser itself: ncc makes it keep names and shorten nothing, which makes bundles up to half as large again.
  // In ASCII: with a single `…`, V8 stores and reads all characters as two bytes each.
  const { code: minified = '' } = await minify(code, {
    module: true,
    compress: { passes: 2 },
    format: { ascii_only: true },
  })
  const files = {
    ...(file === 'index.js' ? {} : { 'index.js': first.code ?? '' }),
    [file]: minified,
    'licenses.txt': renderLicenses(packages),
    // ES modules have theirs among ncc's assets.
    'package.json': `${JSON.stringify({ type: 'commonjs' }, null, 2)}\n`,
    ...Object.fromEntries(Object.entries(assets).map(([name, { source }]) => [name, source])),
  }
  for (const [name, content] of Object.entries(files)) {
    const path = join(fresh, folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  console.log(`${folder}: ${Object.keys(files).join(', ')}, ${Math.round(minified.length / 1000)} kB`)
}

writeFileSync(join(fresh, 'sbom.cdx.json'), renderSbom(contents, root))
rmSync(target, { recursive: true, force: true })
renameSync(fresh, target)
