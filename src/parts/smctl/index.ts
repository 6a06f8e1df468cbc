import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { cacheFile, find } from '@actions/tool-cache'
import type { Hdiutil } from '../../smctl/disk-image.ts'
import {
  type InstalledSmctl,
  installSmctl,
  type SmctlPorts,
  type SmctlRequest,
  type ToolCache,
} from '../../smctl/install.ts'

const HDIUTIL_MS = 120_000

/** Installs smctl for this machine. Loaded only by a step that does so. */
export async function installHere(
  request: Omit<SmctlRequest, 'platform'>,
  ports: Omit<SmctlPorts, 'cache' | 'hdiutil'>,
): Promise<InstalledSmctl> {
  const platform = { os: process.platform, arch: process.arch }
  return await installSmctl({ ...request, platform }, { ...ports, cache, hdiutil })
}

const cache: ToolCache = {
  find: (tool, version) => absolute(find(tool, version)),
  add: async (...what) => resolve(await cacheFile(...what)),
}

/** Absolute, whatever RUNNER_TOOL_CACHE is relative to; empty means that nothing was found. */
function absolute(path: string): string | undefined {
  return path === '' ? undefined : resolve(path)
}

const hdiutil: Hdiutil = async (...args) => {
  await promisify(execFile)('hdiutil', args, { timeout: HDIUTIL_MS })
}
