// Builds dist/: tsc removes the types (ncc's own TypeScript loader needs the JavaScript API that TypeScript 7 no
// longer has), then ncc makes one bundle for each entry. Given a folder, builds there instead of dist/.
import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ENTRIES = ['main', 'post', 'check', 'access', 'rotate']

interface NccResult {
  code: string
  assets: Record<string, { source: string | Buffer }>
}

const root = fileURLToPath(new URL('..', import.meta.url))
const target = resolve(root, process.argv[2] ?? 'dist')
// Others may be running what is there, so the new one takes its place in one step.
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

for (const entry of ENTRIES) {
  const { code, assets } = await ncc(join(root, 'build', `${entry}.js`), {
    cache: false,
    quiet: true,
    license: 'licenses.txt',
    minify: true,
    // @actions/core carries an HTTP client (with a second undici) for OIDC tokens and a process launcher for details of
    // the platform. This action uses neither, so an empty stand-in takes their places.
    externals: {
      '@actions/http-client': 'node:path',
      '@actions/http-client/lib/auth': 'node:path',
      '@actions/exec': 'node:path',
    },
  })
  const folder = join(fresh, entry)
  const files = {
    'index.js': code,
    ...Object.fromEntries(Object.entries(assets).map(([name, { source }]) => [name, source])),
  }
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  console.log(`${entry}: ${Object.keys(files).join(', ')}, ${Math.round(code.length / 1000)} kB`)
}

rmSync(target, { recursive: true, force: true })
renameSync(fresh, target)
