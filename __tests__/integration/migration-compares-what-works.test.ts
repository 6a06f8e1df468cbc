// The left side of docs/migration.md is what people use: it has to work, or the comparison is unfair.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from '@jest/globals'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import { call } from '../support/emulator-client.ts'
import { run, scratchFile, toolTest } from '../support/p12-tools.ts'
import { fencedBlocks, parseYaml, read, type Step } from '../unit/contract/repository.ts'

const [ISSUE = '', , DECODE = '', , , WINDOWS = '', REPLACED = ''] = fencedBlocks(
  read('docs/migration.md'),
  'yaml',
)
const PASSWORD = 'correct horse battery staple'

let emulator: Emulator
let folder: string

beforeAll(async () => {
  emulator = await startEmulator()
  folder = mkdtempSync(join(tmpdir(), 'migration-'))
})
afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true, force: true })
})

const stepsOf = (block: string) => parseYaml(block) as Step[]

/** The shell lines of a step, run as on the runner. */
async function runStep({ run: script = '' }: Step = {}, env: Record<string, string>) {
  const variables = Object.entries({
    CURL_CA_BUNDLE: scratchFile('ca.pem', emulator.caPem),
    no_proxy: '*',
    RUNNER_TEMP: folder,
    GITHUB_RUN_ID: '1',
    GITHUB_ENV: join(folder, 'env'),
    ...env,
  })
  const assignments = variables.map(([name, value]) => `${name}=${value}`)
  const { status, text } = await run('env', [...assignments, 'bash', '-e', scratchFile('step.sh', script)])
  expect({ status, text }).toEqual({ status: 0, text: expect.any(String) })
}

const status = (pfx: Buffer) =>
  call(emulator, { host: 'clientauth', tls: { pfx, passphrase: PASSWORD } }).then(answer => answer.status)

toolTest(
  ['openssl', 'curl', 'jq'],
  "the tutorial's lines create a P12 that works, and leave it enabled",
  async () => {
    expect(ISSUE).toContain('API: https://one.digicert.com/account/api/v1')
    const API = `${emulator.apiUrl}/account/api/v1`
    await runStep(stepsOf(ISSUE)[0], { KEY: emulator.apiKey, API, PASSWORD })
    expect(await status(readFileSync(join(folder, 'client.p12')))).toBe(200)
    expect(readFileSync(join(folder, 'env'), 'utf8')).toBe(`SM_CLIENT_CERT_FILE=${folder}/client.p12\n`)
    expect(emulator.certificates).toMatchObject([{ enabled: true, name: 'signing-1' }])
  },
)

toolTest(['openssl'], 'the decoding step writes the file that the next one names', async () => {
  await runStep(stepsOf(DECODE)[0], { P12: Buffer.from('a P12').toString('base64') })
  expect(readFileSync(join(folder, 'client.p12'), 'utf8')).toBe('a P12')
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is GitHub's.
  expect(DECODE).toContain('SM_CLIENT_CERT_FILE: ${{ runner.temp }}/client.p12')
})

toolTest(['bash'], "DigiCert's lines for Windows provide what the right side takes as inputs", async () => {
  const secrets: Record<string, string> = {
    SM_CLIENT_CERT_FILE_B64: Buffer.from('a P12').toString('base64'),
    SM_HOST: 'https://clientauth.one.digicert.com',
    SM_API_KEY: 'key',
    SM_CLIENT_CERT_PASSWORD: PASSWORD,
  }
  // As the runner does, before the shell sees the line.
  const filled = WINDOWS.replaceAll(/\$\{\{ secrets\.(\w+) \}\}/g, (all, name) => secrets[name] ?? all)
  const [decode, variables] = stepsOf(filled.replaceAll('/d/', `${folder}/d-`))
  await runStep(decode, {})
  await runStep(variables, { GITHUB_ENV: join(folder, 'windows-env') })
  expect(readFileSync(join(folder, 'd-Certificate_pkcs12.p12'), 'utf8')).toBe('a P12')
  expect(readFileSync(join(folder, 'windows-env'), 'utf8').split('\n')).toContain(
    'SM_CLIENT_CERT_FILE=D:\\Certificate_pkcs12.p12',
  )
  const [step] = stepsOf(REPLACED).filter(({ uses = '' }) => uses.startsWith('OWNER/REPO'))
  const handed = Object.values(step?.with ?? {}).map(String)
  for (const name of Object.keys(secrets)) expect(handed).toContain(`\${{ secrets.${name} }}`)
})
