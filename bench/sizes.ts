import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The size of each bundle below a dist/: all its files that contain code. */
export function sizesOf(dist = fileURLToPath(new URL('../dist', import.meta.url))) {
  const folders = readdirSync(dist, { withFileTypes: true }).filter(entry => entry.isDirectory())
  return folders.map(({ name: bundle }) => {
    const files = readdirSync(join(dist, bundle), { recursive: true, encoding: 'utf8' })
    const code = files.filter(file => /\.(js|cjs|mjs|wasm|node)$/.test(file))
    const bytes = code.map(file => statSync(join(dist, bundle, file)).size)
    return { bundle, kilobytes: bytes.reduce((sum, size) => sum + size, 0) / 1000 }
  })
}
