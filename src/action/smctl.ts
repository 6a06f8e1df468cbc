import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { cacheFile, find } from '@actions/tool-cache'
import type { ClientOptions } from '../digicert/client.ts'
import type { PrivateDirectory } from '../files.ts'
import { type InstalledSmctl, installSmctl, type ToolCache } from '../operations/install-smctl.ts'
import type { Hdiutil } from '../smctl/disk-image.ts'
import { jobLog } from './log.ts'
import { systemClock, systemRandom } from './runner.ts'
import type { SmctlInputs } from './smctl-inputs.ts'

/** Loaded only by a step that installs smctl. */

const TOOL = 'smctl'
const HDIUTIL_MS = 120_000

/** Installs smctl for the later steps. */
export async function installForLaterSteps(
  inputs: SmctlInputs,
  { caCertificates, timeoutMs, retries, userAgent }: ClientOptions,
  directory: PrivateDirectory,
): Promise<InstalledSmctl> {
  const network = { caCertificates, timeoutMs, retries, userAgent }
  const platform = { os: process.platform, arch: process.arch }
  const ports = { clock: systemClock, random: systemRandom, log: jobLog }
  return await installSmctl({ ...inputs, platform }, { ...ports, cache, directory, hdiutil, network })
}

const cache: ToolCache = {
  find: version => find(TOOL, version) || undefined,
  add: (source, file, version) => cacheFile(source, file, TOOL, version),
}

const hdiutil: Hdiutil = async (...args) => {
  await promisify(execFile)('hdiutil', args, { timeout: HDIUTIL_MS })
}
