// What users get includes the licenses of its contents, and a list of them.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { describe, expect, test } from '@jest/globals'
import { VERSION } from '../../src/version.ts'
import { ROOT } from '../support/runner.ts'

interface Component {
  name: string
  group?: string
  version: string
  purl: string
  licenses: { license?: { id?: string }; expression?: string }[]
  hashes: { alg: string; content: string }[]
  properties: { name: string; value: string }[]
}
interface Sbom {
  metadata: { component: { name: string; version: string }; timestamp?: string }
  components: Component[]
  dependencies: { ref: string; dependsOn?: string[] }[]
}
interface Lockfile {
  packages: Record<
    string,
    { version?: string; integrity?: string; link?: boolean; hasInstallScript?: boolean; dev?: boolean }
  >
}

const BUNDLES = ['main', 'post', 'check', 'access', 'rotate', 'parts/list', 'parts/smctl']
const sbomText = readFileSync(join(ROOT, 'dist/sbom.cdx.json'), 'utf8')
const sbom = JSON.parse(sbomText) as Sbom
const lockfile = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lockfile

/** `name@version` and its text, as licenses.txt has them. */
function licensesOf(bundle: string): { name: string; text: string }[] {
  const entries = readFileSync(join(ROOT, 'dist', bundle, 'licenses.txt'), 'utf8').split(
    `\n${'='.repeat(80)}\n\n`,
  )
  return entries.map(entry => ({ name: entry.slice(0, entry.indexOf('\n')), text: entry }))
}

/** What the sources load, as reported by Node; for `main`, its parts: its `beginning` would start running. */
function packagesLoaded(bundle: string): string[] {
  const special: Record<string, string[]> = {
    main: ['action/inputs', 'action/begin', 'action/root'],
    'parts/list': ['parts/list/index'],
    'parts/smctl': ['parts/smctl/index'],
  }
  const sources = special[bundle] ?? [`action/${bundle}`]
  const argv = ['__tests__/integration/modules-loaded.mjs', ...sources.map(source => `src/${source}.ts`)]
  return execFileSync(process.execPath, argv, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')
}

const versionless = (name: string) => name.slice(0, name.lastIndexOf('@'))

describe.each(BUNDLES)('dist/%s', bundle => {
  const licenses = licensesOf(bundle)

  test('contains the license of every package in it, and of no other', () => {
    expect(licenses.map(({ name }) => versionless(name))).toEqual(packagesLoaded(bundle))
  })

  test.each(licenses)('$name: the words of a license', ({ text }) => {
    expect(text.length).toBeGreaterThan(500)
    expect(text).toMatch(/copyright|permission/i)
    expect(text).not.toMatch(/UNKNOWN|UNLICENSED|undefined/)
  })

  test('is listed in the SBOM, package by package', () => {
    const listed = sbom.components
      .filter(({ properties }) =>
        properties.some(({ name, value }) => name === 'bundle' && value === `dist/${bundle}`),
      )
      .map(({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name}@${version}`)
    expect(listed.sort()).toEqual(licenses.map(({ name }) => name).sort())
  })
})

describe('the SBOM', () => {
  test('is valid CycloneDX 1.6', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
    expect(await validator.validate(sbomText)).toBeNull()
    expect(await validator.validate(sbomText.replace('"components"', '"parts"'))).not.toBeNull()
  })

  test('is about this version, and contains nothing that changes from build to build', () => {
    expect(sbom.metadata.component).toMatchObject({ name: 'digicert-client-certificate', version: VERSION })
    expect(sbom.metadata.timestamp).toBeUndefined()
    expect(sbomText).not.toMatch(/serialNumber|timestamp/)
  })

  test.each(sbom.components)('$purl has a license, and the hash from the lockfile', component => {
    const { group, name, version, purl, licenses, hashes } = component
    const full = group === undefined ? name : `${group}/${name}`
    expect(decodeURIComponent(purl)).toBe(`pkg:npm/${full}@${version}`)
    expect(licenses.map(({ license, expression }) => license?.id ?? expression)).toEqual([expect.any(String)])
    // One version may be in several places, and one package in several versions.
    const locked = Object.entries(lockfile.packages).find(
      ([path, entry]) => path.endsWith(`node_modules/${full}`) && entry.version === version,
    )
    const hex = Buffer.from(locked?.[1].integrity?.replace('sha512-', '') ?? '', 'base64').toString('hex')
    expect(hashes).toEqual([{ alg: 'SHA-512', content: hex }])
  })
})

describe('the lockfile', () => {
  const packages = Object.entries(lockfile.packages).filter(([path]) => path !== '')

  test('has the SHA-512 of every package', () => {
    expect(packages.length).toBeGreaterThan(100)
    expect(packages.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''))).toEqual([])
  })

  test('has install scripts only in development dependencies', () => {
    const scripts = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true)
    expect(scripts.filter(([, { dev }]) => dev !== true).map(([path]) => path)).toEqual([])
  })
})
