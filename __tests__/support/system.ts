// The operating system that steps run on: the one of this machine, or Windows under Wine (`npm run test:windows`).
import { readlinkSync } from 'node:fs'
import { join, win32 } from 'node:path'
import { pathToFileURL } from 'node:url'
import { WINE_DRIVES, WINE_ENVIRONMENT, WINE_NODE, wineCommand } from './wine.ts'

export interface System {
  platform: NodeJS.Platform
  arch: string
  /** The command that runs a program there. */
  command: readonly string[]
  /** The Node that runs the steps. */
  node: string
  env: Record<string, string | undefined>
  /** Whether steps write to a file instead of to a pipe. */
  writesToFile: boolean
  /** The path of a file on this machine, as a step has to write it. */
  spell(path: string): string
  /** What a step wrote, as a path on this machine. */
  locate(path: string): string
}

const NATIVE: System = {
  platform: process.platform,
  arch: process.arch,
  command: [],
  node: process.execPath,
  env: {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    SystemRoot: process.env.SystemRoot, // without it, nothing that needs randomness or sockets runs on Windows
  },
  writesToFile: false,
  spell: path => path,
  locate: path => path,
}

const windows = (holder: string): System => ({
  platform: 'win32',
  arch: 'x64',
  command: wineCommand(holder),
  node: WINE_NODE,
  env: WINE_ENVIRONMENT,
  writesToFile: true, // libuv cannot write to a POSIX pipe there
  spell: path => `Z:${path.replaceAll('/', '\\')}`,
  locate: locateInWine,
})

/** Z: is the root folder, and others lead where their links do. */
function locateInWine(path: string): string {
  const [, drive = '', rest = ''] = /^([A-Z]:)(.*)$/is.exec(path) ?? []
  if (drive === '') return path
  return join(readlinkSync(join(WINE_DRIVES, drive.toLowerCase())), rest.replaceAll('\\', '/'))
}

/** Set by the configuration of Jest that starts Wine. */
const { WINE_HOLDER } = process.env

export const SYSTEM: System = WINE_HOLDER === undefined ? NATIVE : windows(WINE_HOLDER)
export const IS_WINE = WINE_HOLDER !== undefined

/** The URL of a file on this machine, as a step has to write it. */
export function fileUrl(path: string): string {
  if (SYSTEM.platform !== 'win32') return pathToFileURL(path).href
  return pathToFileURL(win32.normalize(SYSTEM.spell(path)), { windows: true }).href
}
