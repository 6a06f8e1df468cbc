// What a bundle really contains from npm: read from the modules that webpack put there, not from package.json.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface BundledPackage {
  name: string
  version: string
  /** SPDX expression, as its package.json says. */
  license: string
  /** Of its license and notice files. */
  licenseText: string
  /** Its package.json. */
  manifest: Record<string, unknown>
}

/** The part of webpack's statistics, which ncc passes on, that names the modules. */
export interface BundleStats {
  compilation: {
    chunks: Iterable<unknown>
    chunkGraph: { getChunkModulesIterable(chunk: unknown): Iterable<WebpackModule> }
  }
}

interface WebpackModule {
  resource?: string
  /** Of a concatenated module. */
  modules?: Iterable<WebpackModule>
}

const PACKAGE_FOLDER = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/

/**
 * The packages that modules of a bundle come from, sorted by name.
 * @throws Error for one without a license or without its text: it may not be shipped
 */
export function packagesIn({ compilation: { chunks, chunkGraph } }: BundleStats): BundledPackage[] {
  const modules = [...chunks].flatMap(chunk => [...chunkGraph.getChunkModulesIterable(chunk)])
  const files = modules.flatMap(module =>
    [...(module.modules ?? [module])].map(({ resource = '' }) => resource),
  )
  const folders = new Set(files.flatMap(file => PACKAGE_FOLDER.exec(file) ?? []))
  return [...folders].map(readPackage).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function readPackage(folder: string): BundledPackage {
  const manifest = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as BundledPackage['manifest']
  const { name, version, license } = manifest
  const licenseText = readdirSync(folder)
    .filter(file => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map(file => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n')
  if (typeof license !== 'string' || licenseText === '')
    throw new Error(`${String(name)} has no license to ship`)
  return { name: String(name), version: String(version), license, licenseText, manifest }
}

/** The text of `licenses.txt`, which each of these licenses requires to be shipped with the code. */
export function renderLicenses(packages: BundledPackage[]): string {
  return packages
    .map(({ name, version, license, licenseText }) => `${name}@${version}\n${license}\n\n${licenseText}\n`)
    .join(`\n${'='.repeat(80)}\n\n`)
}
