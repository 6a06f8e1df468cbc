// Runs before `npm start`, `npm test` and the rest: installs what the lockfile says, once, and again when it changes.
// Plain JavaScript without dependencies, because it runs on whatever Node the machine has; everything after it
// runs on the Node 24 that the lockfile pins (node_modules/.bin comes first on npm's PATH).
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${root}node_modules/.installed-lockfile`
const wanted = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.log('Installing the pinned packages (npm ci --ignore-scripts) ...')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // No package needs its install script, and none may run one.
  execFileSync(npm, ['ci', '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  writeFileSync(stamp, wanted)
}

// In a shell on Windows, as npm runs scripts: the pinned Node is node.cmd there, which is not found without one.
const found = spawnSync('node', ['--version'], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
})
const version = String(found.stdout).trim()
if (!version.startsWith('v24.')) {
  console.error(`This project runs on Node 24, as GitHub runs actions, but 'node' is ${version}.`)
  console.error(
    'The lockfile pins Node 24 for Linux and Windows (x64, Linux also arm64); elsewhere install Node 24 first.',
  )
  process.exit(1)
}
