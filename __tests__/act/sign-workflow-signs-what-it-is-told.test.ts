// .github/workflows/sign.yml, called in other ways than its example does.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { DAY } from '../../emulator/index.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'
import { exitingProgram } from '../support/windows-program.ts'
import { read } from '../unit/contract/repository.ts'
import { type ActRun, act } from './support/act.ts'
import { useWorld } from './support/world.ts'

const world = useWorld()
const folder = mkdtempSync(join(tmpdir(), 'sign-workflow-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** At the versions of the example. */
const [CHECKOUT, UPLOAD] = ['checkout', 'upload-artifact'].map(
  name => RegExp(`(?<=uses: )actions/${name}@\\w+`).exec(read('examples/sign-reusable.yml'))?.[0],
)

interface Call {
  with: Record<string, string>
  secrets?: Record<string, string>
  env?: Record<string, string>
}

function sign({ with: inputs, secrets = {}, env = {} }: Call): Promise<ActRun> {
  const workflow = join(folder, 'call.yml')
  const given = { 'api-key': world.digicert.apiKey, ...secrets }
  const named = (name: string) => name.toUpperCase().replaceAll('-', '_')
  const build = {
    'runs-on': 'ubuntu-latest',
    steps: [
      { uses: CHECKOUT },
      {
        run: 'mkdir -p dist/plugins && cp program.exe dist/app.exe && cp program.exe "dist/plugins/a b.dll"',
      },
      { uses: UPLOAD, with: { name: 'programs', path: 'dist' } },
    ],
  }
  const caller = {
    needs: 'build',
    uses: 'OWNER/REPO/.github/workflows/sign.yml@v1',
    with: { artifact: 'programs', files: '**/*.exe', ...inputs },
    secrets: Object.fromEntries(
      Object.keys(given).map(name => [name, ['$', `{{ secrets.${named(name)} }}`].join('')]),
    ),
  }
  writeFileSync(workflow, stringify({ name: 'Call', on: 'push', jobs: { build, sign: caller } }))
  return act({
    workflow,
    repository: { 'program.exe': exitingProgram(0) },
    secrets: Object.fromEntries(Object.entries(given).map(([name, value]) => [named(name), value])),
    env: { ...world.runner(), ...env },
  })
}

const signatures = () => world.digicert.requests.filter(({ path }) => path.endsWith('/sign'))
const enabled = () => world.digicert.certificates.filter(certificate => certificate.enabled)
const signed = ({ artifacts }: ActRun) => artifacts.filter(path => !path.startsWith('programs/'))

test('with jsign, a stored P12, the certificate alias and several patterns, signs each file once', async () => {
  const notAfter = new Date(Date.now() + 300 * DAY)
  const { base64 } = await storedP12(world.digicert, { keyType: 'rsa-2048', notAfter })
  const done = await sign({
    with: {
      mode: 'stored',
      tool: 'jsign',
      files: '**/*.dll\n\n*.exe\n**/app.exe\n',
      'certificate-alias': 'emulator-certificate',
      'signed-artifact': 'release',
    },
    secrets: { p12: base64, 'p12-password': PASSWORD },
  })
  if (done.exitCode !== 0) throw new Error(done.log)
  expect(signatures()).toMatchObject([{ status: 200 }, { status: 200 }])
  expect(signed(done)).toEqual(['release/app.exe', 'release/plugins/a b.dll'])
  expect(enabled()).toHaveLength(1)
})

test('detects with another program that a tool exited with 0 and signed nothing, and uploads nothing', async () => {
  const done = await sign({
    with: { 'keypair-alias': 'emulator-keypair' },
    env: { STAND_IN_SMCTL_IDLE: 'yes' },
  })
  expect(done.exitCode).not.toBe(0)
  const step = 'Check the signatures'
  expect(done.steps).toContainEqual({ stage: 'Main', step, result: 'failure' })
  expect(signed(done)).toEqual([])
  expect(enabled()).toEqual([])
})

test('a wrong input stops the job before a certificate is issued', async () => {
  const done = await sign({ with: { 'keypair-alias': 'emulator-keypair', files: '../../*.exe' } })
  expect(done.exitCode).not.toBe(0)
  expect(done.log).toContain('A line of the input files leads out of the artifact')
  expect(world.digicert.requests).toEqual([])
  expect(signed(done)).toEqual([])
})
