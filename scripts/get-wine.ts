// Makes the Windows that `npm run test:windows` runs on: a small Debian with Wine, and in it Windows' own Node, the one of the
// lockfile. Once made, it is reused until its recipe changes. On a machine that cannot, it says why, and the tests are
// skipped.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  hasWine,
  recipe,
  stampOf,
  startWine,
  WINE_ENVIRONMENT,
  WINE_PREFIX,
  WINE_ROOT,
  WINE_STAMP,
  whyNoWine,
  wineCommand,
} from '../__tests__/support/wine.ts'

/** Debian's public address; a machine with its own sources uses those. */
const DEBIAN = 'http://deb.debian.org/debian'
const required = process.env.REQUIRE_TOOLS === '1'
const impossible = whyNoWine()

if (impossible !== undefined) {
  console.log(`Skipping the tests on Windows: ${impossible}.`)
} else if (hasWine()) {
  console.log('Wine and its Node are installed.')
} else if (spawnSync('debootstrap', ['--version']).status === 0) {
  await makeOrSkip()
} else {
  console.log('Skipping the tests on Windows: debootstrap, which makes a Debian with Wine, is not installed.')
  if (required) process.exitCode = 1
}

/** A machine may forbid what debootstrap does, or not reach Debian, which only an attempt shows. */
async function makeOrSkip(): Promise<void> {
  try {
    await make()
  } catch (error) {
    console.log(`Skipping the tests on Windows: this machine cannot make a Debian with Wine. ${error}`)
  }
}

async function make(): Promise<void> {
  const started = performance.now()
  console.log(`Making a Debian with Wine in ${WINE_ROOT}; this takes some minutes, only once ...`)
  removeHalfMade()
  mkdirSync(WINE_ROOT, { recursive: true })
  makeDebian()
  addNode()
  await makePrefix()
  writeFileSync(WINE_STAMP, stampOf())
  console.log(`Wine and its Node are installed, after ${Math.round((performance.now() - started) / 1000)} s.`)
}

/** An interrupted run may have left something mounted that is not ours to delete. */
function removeHalfMade(): void {
  rmSync(WINE_STAMP, { force: true })
  if (readFileSync('/proc/self/mountinfo', 'utf8').includes(`${WINE_ROOT}/`)) {
    throw new Error(`Something is mounted below ${WINE_ROOT}: unmount it first.`)
  }
  execFileSync('rm', ['--recursive', '--force', '--one-file-system', WINE_ROOT])
}

/** In its own mount namespace, so that what debootstrap mounts is gone with it. */
function makeDebian(): void {
  const { suite, packages } = recipe()
  const options = ['--variant=minbase', '--force-check-gpg', `--include=${packages.join(',')}`]
  const make = ['debootstrap', ...options, suite, WINE_ROOT, debianMirror()]
  const result = spawnSync('unshare', ['--mount', '--propagation', 'private', ...make], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (result.status !== 0) {
    const lines = `${result.stdout}${result.stderr}`.trim().split('\n')
    throw new Error(`debootstrap failed; its last lines:\n${lines.slice(-10).join('\n')}`)
  }
  rmSync(join(WINE_ROOT, 'var/cache/apt/archives'), { recursive: true })
  writeFileSync(join(WINE_ROOT, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n')
}

/** Where this machine's apt finds Debian, if it does. */
function debianMirror(): string {
  const format = '$(ORIGIN) $(RELEASE) $(REPO_URI)'
  const { stdout } = spawnSync('apt-get', ['indextargets', '--format', format], { encoding: 'utf8' })
  const lines = (stdout ?? '').split('\n').filter(line => !line.includes('-security'))
  const found = lines.map(line => /^(?:Debian \S+ (https?:\S+)|\S* \S+ (https?:\S+\/debian\/?))$/.exec(line))
  const [, byOrigin, byName] = found.find(match => match !== null) ?? []
  return byOrigin ?? byName ?? DEBIAN
}

/** With the checksum in the lockfile, as npm verifies it on Windows. */
function addNode(): void {
  const { name, version, integrity } = recipe().node
  const folder = mkdtempSync(join(tmpdir(), 'windows-node-'))
  try {
    const pack = ['pack', '--silent', '--pack-destination', folder, `${name}@${version}`]
    const file = join(folder, execFileSync('npm', pack, { encoding: 'utf8' }).trim())
    const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
    if (found !== integrity) throw new Error(`${name}@${version} has the checksum ${found}, not ${integrity}`)
    const node = join(WINE_ROOT, 'node')
    mkdirSync(node)
    execFileSync('tar', ['-xzf', file, '-C', node, '--strip-components=2', 'package/bin/node.exe'])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Wine's drive C:. */
async function makePrefix(): Promise<void> {
  mkdirSync(join(WINE_ROOT, WINE_PREFIX))
  const wine = await startWine([])
  try {
    const [program = '', ...args] = [...wineCommand(wine.holder), 'wineboot', '--init']
    execFileSync(program, args, { env: WINE_ENVIRONMENT, stdio: 'ignore' })
  } finally {
    await wine.stop()
  }
}
