import { chmod, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrivateDirectory } from '../files.ts'
import { hostOf } from '../net/address.ts'
import type { BasicPorts } from '../ports.ts'
import { cacheVersion, readChecksumFile, sha256OfFile } from './checksum.ts'
import { copyFromImage, type Hdiutil } from './disk-image.ts'
import { downloadFile, downloadText, type Network } from './download.ts'
import { cacheNotWritable, cacheTampered, wrongDownload } from './errors.ts'
import { type Platform, type Release, releaseFor } from './release.ts'

export interface SmctlRequest {
  /** SHA-256 in lower-case hex of the version to install; undefined for the latest. */
  digest: string | undefined
  /** The folder to download from, with a slash at its end. */
  folder: URL
  platform: Platform
}

/** The runner's tool cache: one folder for each version of a tool. */
export interface ToolCache {
  /** The folder of this version; undefined when it is not there, or not completely. */
  find(tool: string, version: string): string | undefined
  /** Copies `source` into the folder of this version, as `file`; returns the folder. */
  add(source: string, file: string, tool: string, version: string): Promise<string>
}

export interface SmctlPorts extends BasicPorts {
  cache: ToolCache
  /** For the download, and on macOS for what is taken out of the disk image. Lasts until the job's end. */
  directory: PrivateDirectory
  hdiutil: Hdiutil
  network: Network
}

export interface InstalledSmctl {
  /** Absolute path of the executable. */
  path: string
  /** The directory to put on PATH: nothing else is in it. */
  directory: string
  /** SHA-256 of what DigiCert published, in lower-case hex. */
  digest: string
}

/**
 * Installs smctl: out of the tool cache where that has it, otherwise from DigiCert. Whichever it is, the file that is
 * handed on is read once more and compared with the digest; without a digest nothing is installed.
 * @throws ActionError SMCTL_*, FILE_WRITE
 */
export async function installSmctl(request: SmctlRequest, ports: SmctlPorts): Promise<InstalledSmctl> {
  const release = releaseFor(request.platform)
  const digest = request.digest ?? (await publishedDigest(request.folder, release, ports))
  const cached = ports.cache.find(release.tool, cacheVersion(digest))
  const folder = cached ?? (await fetchIntoCache(request, release, digest, ports))
  await requireIntact(folder, release, digest)
  if (cached !== undefined) {
    ports.log.info(`smctl is in the tool cache, and its SHA-256 is ${digest}: nothing to download.`)
  }
  const directory = release.inImage === undefined ? folder : await unpack(folder, release, ports)
  return { path: join(directory, release.executable), directory, digest }
}

async function publishedDigest(folder: URL, { file }: Release, ports: SmctlPorts): Promise<string> {
  const url = new URL(`${file}.sha256`, folder)
  const digest = readChecksumFile(await downloadText(url, ports.network, ports), url)
  ports.log.info(`The latest smctl at ${hostOf(folder.origin)} has the SHA-256 ${digest}.`)
  return digest
}

/** @returns the folder in the tool cache */
async function fetchIntoCache(
  request: SmctlRequest,
  { file, tool }: Release,
  digest: string,
  { directory, network, cache, ...ports }: SmctlPorts,
): Promise<string> {
  const url = new URL(file, request.folder)
  directory.create()
  const path = join(directory.path, file)
  ports.log.info(`Downloading ${url.href}.`)
  const found = await downloadFile(url, path, network, ports)
  if (found.digest !== digest) throw wrongDownload(url, found, request)
  await chmod(path, 0o755) // other users of this machine may share the tool cache
  ports.log.info(`Downloaded ${(found.bytes / 1e6).toFixed(1)} MB, verified by their SHA-256.`)
  const folder = await intoCache(() => cache.add(path, file, tool, cacheVersion(digest)))
  await rm(path)
  return folder
}

async function intoCache(add: () => Promise<string>): Promise<string> {
  try {
    return await add()
  } catch (cause) {
    throw cacheNotWritable(cause)
  }
}

/** What a digest does not name must not be run, nor anything beside it: the folder goes on PATH. */
async function requireIntact(folder: string, { file }: Release, digest: string): Promise<void> {
  const names = await readdir(folder)
  const path = join(folder, file)
  if (names.join() === file && (await lstat(path)).isFile() && (await sha256OfFile(path)) === digest) return
  throw cacheTampered(folder, digest)
}

/** For a disk image: the executable, taken out anew for this job, because only the image has a digest to go by. */
async function unpack(
  folder: string,
  { file, executable, inImage = '' }: Release,
  { directory, hdiutil }: SmctlPorts,
): Promise<string> {
  directory.create()
  const target = join(directory.path, 'smctl')
  await mkdir(target)
  const mountPoint = join(directory.path, 'image')
  await copyFromImage(join(folder, file), inImage, join(target, executable), { mountPoint, hdiutil })
  return target
}
