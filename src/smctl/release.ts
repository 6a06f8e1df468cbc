import { unsupported } from './errors.ts'

/** As `process.platform` and `process.arch` have it. */
export interface Platform {
  os: string
  arch: string
}

/** How DigiCert publishes smctl for one platform. */
export interface Release {
  /** Its name in the tool cache. An image has one of its own: DigiCert's action keeps what is in it under the other. */
  tool: string
  /** The file on the download server. */
  file: string
  /** What the executable is called on this platform. */
  executable: string
  /** What it is called in the disk image that the file is; undefined for a file that is the executable itself. */
  inImage: string | undefined
}

const MACOS: Release = {
  tool: 'smctl-image',
  file: 'smctl-mac-x64.dmg',
  executable: 'smctl',
  inImage: 'smctl-mac-x64',
}

const RELEASES = new Map<string, Release>([
  ['linux-x64', { tool: 'smctl', file: 'smctl', executable: 'smctl', inImage: undefined }],
  ['win32-x64', { tool: 'smctl', file: 'smctl.exe', executable: 'smctl.exe', inImage: undefined }],
  ['darwin-x64', MACOS],
  // Rosetta runs it, as it does in DigiCert's own action.
  ['darwin-arm64', MACOS],
])

/** @throws ActionError SMCTL_UNSUPPORTED */
export function releaseFor({ os, arch }: Platform): Release {
  const release = RELEASES.get(`${os}-${arch}`)
  if (release !== undefined) return release
  throw unsupported({ os, arch })
}
