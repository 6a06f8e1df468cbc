// See action.yml.
import { cpSync, existsSync, globSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

const input = name => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim()
const fail = message => {
  console.log(`::error::upload-artifact (stand-in): ${message}`)
  process.exit(1)
}

const name = input('name')
if (name === '' || /["/:<>|*?\\\r\n]/.test(name)) fail(`"${name}" is no name for an artifact`)
const target = join(process.env.STAND_IN_ARTIFACTS, name)
if (existsSync(target)) fail(`there is an artifact ${name} already`)

/** What the pattern has before its first wildcard. */
const startOf = pattern => {
  const parts = resolve(pattern).split(sep)
  const wild = parts.findIndex(part => /[*?[]/.test(part))
  return wild < 0 ? resolve(pattern) : parts.slice(0, wild).join(sep)
}
const below = (folder, path) => path === folder || path.startsWith(folder + sep)
/** A hidden folder that the pattern itself names does not count as hidden. */
const visible = (path, start) =>
  input('include-hidden-files') === 'true' || !/(^|[/\\])\./.test(relative(start, path))
const filesOf = pattern =>
  globSync(pattern)
    .flatMap(path => (statSync(path).isDirectory() ? globSync(`${path}/**`) : [path]))
    .map(path => resolve(path))
    .filter(path => statSync(path).isFile() && visible(path, startOf(pattern)))

const files = new Set()
const starts = []
for (const line of input('path')
  .split('\n')
  .map(text => text.trim())) {
  if (line.startsWith('!')) {
    for (const path of [...files]) if (below(startOf(line.slice(1)), path)) files.delete(path)
  } else {
    starts.push(startOf(line))
    for (const path of filesOf(line)) files.add(path)
  }
}
if (files.size === 0) fail(`no files were found for ${input('path')}`)

const roots = starts.map(start => (existsSync(start) && statSync(start).isFile() ? dirname(start) : start))
let root = roots[0]
while (!roots.every(folder => below(root, folder))) root = dirname(root)
for (const path of files) {
  const copy = join(target, relative(root, path))
  mkdirSync(dirname(copy), { recursive: true })
  cpSync(path, copy)
}
console.log(`${name}: ${[...files].map(path => relative(root, path)).join(', ')}`)
