// Loads the modules named on the command line, and all that they import, also what they would import later; prints the
// packages that those are in, one per line. With Node's own resolution, so it knows nothing of the bundler.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The build puts an empty module in their place, see scripts/build.ts. */
const LEFT_OUT = /^@actions\/(http-client|exec)(\/|$)/
const HERE = import.meta.url
const reached = new Set([HERE])
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    if (reached.has(context.parentURL) && !LEFT_OUT.test(specifier)) reached.add(resolved.url)
    return resolved
  },
})

for (const path of process.argv.slice(2)) await import(String(pathToFileURL(path)))
for (const url of reached) {
  if (!url.endsWith('.ts')) continue
  const source = readFileSync(fileURLToPath(url), 'utf8')
  for (const [, later] of source.matchAll(/import\((?:\/\*(?:(?!webpackIgnore).)*?\*\/)?\s*'([^']+)'\)/g))
    await import(later.startsWith('.') ? String(new URL(later, url)) : later)
}

const names = [...reached].flatMap(url => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])
console.log([...new Set(names)].sort().join('\n'))
