import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrivateDirectory } from '../files.ts'
import { hostOf } from '../net/address.ts'
import type { BasicPorts } from '../ports.ts'
import { cacheVersion, readChecksumFile } from './checksum.ts'
import { copyIfIntact, written } from './copy.ts'
import { copyFromImage, type Hdiutil } from './disk-image.ts'
import { downloadFile, downloadText, type Network } from './download.ts'
import { cacheNotWritable, cacheTampered, wrongDownload } from './errors.ts'
import { type Platform, type Release, releaseFor } from './release.ts'

export interface SmctlRequest {
  /** SHA-256 in lower-case hex of the version to install; undefined for the latest. */
  digest: string | undefined
  /** The folder to download from, with a trailing slash. */
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
  /** Where smctl is run from: nobody else can write there. Lasts until the end of the job. */
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
 * Installs smctl into the private directory: out of the tool cache where that has it, otherwise from DigiCert. The tool
 * cache only saves the download. Others may be able to write there, so nothing is run from it: what is run are the bytes
 * that were hashed while they were written.
 * @throws ActionError SMCTL_*, FILE_WRITE
 */
export async function installSmctl(request: SmctlRequest, ports: SmctlPorts): Promise<InstalledSmctl> {
  const release = releaseFor(request.platform)
  const digest = request.digest ?? (await publishedDigest(request.folder, release, ports))
  const bin = await makeBin(ports.directory)
  const isImage = release.inImage !== undefined
  const file = join(isImage ? ports.directory.path : bin, release.file)
  const cached = ports.cache.find(release.tool, cacheVersion(digest))
  if (cached === undefined) await fetchAndCache(request, release, { digest, file }, ports)
  else await takeFromCache(cached, release, { digest, file }, ports)
  const path = join(bin, release.executable)
  if (isImage) await unpack(file, path, release, ports)
  await written(chmod(path, 0o700), path)
  return { path, directory: bin, digest }
}

/** A folder of its own, because it is put on PATH: it contains nothing but smctl. */
async function makeBin(directory: PrivateDirectory): Promise<string> {
  directory.create()
  const bin = join(directory.path, 'bin')
  await written(mkdir(bin, { mode: 0o700 }), bin)
  return bin
}

/** What the digest is of, and where it goes. */
interface Verified {
  digest: string
  file: string
}

async function publishedDigest(folder: URL, { file }: Release, ports: SmctlPorts): Promise<string> {
  const url = new URL(`${file}.sha256`, folder)
  const digest = readChecksumFile(await downloadText(url, ports.network, ports), url)
  ports.log.info(`The latest smctl at ${hostOf(folder.origin)} has the SHA-256 ${digest}.`)
  return digest
}

async function fetchAndCache(
  request: SmctlRequest,
  { file: name, tool }: Release,
  { digest, file }: Verified,
  { network, cache, ...ports }: SmctlPorts,
): Promise<void> {
  const url = new URL(name, request.folder)
  ports.log.info(`Downloading ${url.href}.`)
  const found = await downloadFile(url, file, network, ports)
  if (found.digest !== digest) throw wrongDownload(url, found, request)
  ports.log.info(`Downloaded ${(found.bytes / 1e6).toFixed(1)} MB, verified by their SHA-256.`)
  await chmod(file, 0o755) // The copy gets it, too: other users of this machine may share the tool cache.
  await intoCache(() => cache.add(file, name, tool, cacheVersion(digest)))
}

async function intoCache(add: () => Promise<string>): Promise<void> {
  try {
    await add()
  } catch (cause) {
    throw cacheNotWritable(cause)
  }
}

/** @throws ActionError SMCTL_CHECKSUM when anything there is not what was put there */
async function takeFromCache(
  folder: string,
  { file: name }: Release,
  { digest, file }: Verified,
  { log }: SmctlPorts,
): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const intact = names.join() === name && (await copyIfIntact(join(folder, name), file, digest))
  if (!intact) throw cacheTampered(folder, digest)
  log.info(`smctl is in the tool cache, and its SHA-256 is ${digest}: nothing to download.`)
}

/** Out of the disk image, which goes then: only the image has a digest to go by. */
async function unpack(
  image: string,
  target: string,
  { inImage = '' }: Release,
  { directory, hdiutil }: SmctlPorts,
): Promise<void> {
  const mountPoint = join(directory.path, 'image')
  await copyFromImage(image, inImage, target, { mountPoint, hdiutil })
  await rm(image)
}
