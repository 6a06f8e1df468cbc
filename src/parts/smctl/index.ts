import { execFile } from 'node:child_process'
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

/** Installs smctl for this machine. Loaded only by a step that shall do so. */
export async function installHere(
  request: Omit<SmctlRequest, 'platform'>,
  ports: Omit<SmctlPorts, 'cache' | 'hdiutil'>,
): Promise<InstalledSmctl> {
  const platform = { os: process.platform, arch: process.arch }
  return await installSmctl({ ...request, platform }, { ...ports, cache, hdiutil })
}

const cache: ToolCache = {
  find: (tool, version) => find(tool, version) || undefined,
  add: cacheFile,
}

const hdiutil: Hdiutil = async (...args) => {
  await promisify(execFile)('hdiutil', args, { timeout: HDIUTIL_MS })
}
