// The software bill of materials of dist/ (CycloneDX 1.6, JSON). It has no time stamp and no random serial number, so
// that the same sources give the same file: it is committed in dist/, and `npm run check-dist` compares it, too.
import { readFileSync } from 'node:fs'
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'
import { PackageURL } from 'packageurl-js'
import parseSpdx from 'spdx-expression-parse'
import type { BundledPackage } from './bundled.ts'

const licenses = new Contrib.License.Factories.LicenseFactory(parseSpdx)
const components = new Contrib.FromNodePackageJson.Builders.ComponentBuilder(
  new Contrib.FromNodePackageJson.Factories.ExternalReferenceFactory(),
  licenses,
)

type Lockfile = { packages: Record<string, { version?: string; integrity?: string }> }

/**
 * @param bundles the packages in each bundle, by the bundle's name
 * @param root the repository's folder, with package.json and the lockfile
 * @returns the file's text
 */
export function renderSbom(bundles: ReadonlyMap<string, BundledPackage[]>, root: string): string {
  const readJson = (name: string) => JSON.parse(readFileSync(`${root}/${name}`, 'utf8')) as unknown
  const lockfile = readJson('package-lock.json') as Lockfile
  const action = components.makeComponent(readJson('package.json') as object, Enums.ComponentType.Application)
  if (action === undefined) throw new Error('package.json has no name')
  action.bomRef.value = `${action.name}@${action.version}`
  action.purl = new PackageURL(
    'generic',
    undefined,
    action.name,
    action.version,
    undefined,
    undefined,
  ).toString()
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: action }) })
  const found = new Map<string, Models.Component>()
  for (const [bundle, packages] of bundles) {
    for (const one of packages) {
      const key = `${one.name}@${one.version}`
      const component = found.get(key) ?? libraryOf(one, lockfile)
      component.properties.add(new Models.Property('bundle', `dist/${bundle}`))
      found.set(key, component)
    }
  }
  for (const component of found.values()) {
    bom.components.add(component)
    action.dependencies.add(component.bomRef)
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`
}

/** The hash is the one that npm verified when the package was installed. */
function libraryOf({ name, version, manifest }: BundledPackage, { packages }: Lockfile): Models.Component {
  const component = components.makeComponent(manifest, Enums.ComponentType.Library)
  const locked = Object.entries(packages).find(
    ([path, entry]) => path.endsWith(`node_modules/${name}`) && entry.version === version,
  )
  const [, sha512] = /^sha512-(.+)$/.exec(locked?.[1].integrity ?? '') ?? []
  if (component === undefined || sha512 === undefined)
    throw new Error(`the lockfile has no SHA-512 of ${name}`)
  component.hashes.set(Enums.HashAlgorithm['SHA-512'], Buffer.from(sha512, 'base64').toString('hex'))
  const [base = '', scope] = name.split('/').reverse()
  component.purl = new PackageURL('npm', scope, base, version, undefined, undefined).toString()
  component.bomRef.value = component.purl
  return component
}
