import { expect, test } from '@jest/globals'
import type { StepResult } from '../support/runner.ts'
import { errorOf, type Inputs, useScene } from '../support/scene.ts'

const scene = useScene()
const P12 = 'MIIKAgEDMIIJyAYJKoZIhvcNAQcBoIIJuQSCCbUwggmx'

interface Case {
  inputs: Inputs
  code: string
  what: RegExp
  /** What the fix must mention. */
  fix: RegExp
  why?: RegExp
}

const CASES: [string, Case][] = [
  [
    'an empty api-key, as forks get it',
    {
      inputs: { 'api-key': '' },
      code: 'INPUT_MISSING',
      what: /'api-key' is empty/,
      why: /fork/,
      fix: /secrets\./,
    },
  ],
  [
    'an api-key with a space inside',
    { inputs: { 'api-key': 'abcdefgh ijklmnop' }, code: 'INPUT_INVALID', what: /'api-key'/, fix: /secret/ },
  ],
  [
    'an api-key outside ASCII',
    { inputs: { 'api-key': 'schlüssel-0123456' }, code: 'INPUT_INVALID', what: /'api-key'/, fix: /secret/ },
  ],
  [
    'a checksum of smctl that is none',
    {
      inputs: { 'smctl-sha256': '1.50.0' },
      code: 'INPUT_INVALID',
      what: /'smctl-sha256' is not a SHA-256/,
      fix: /64 hexadecimal digits/,
    },
  ],
  [
    'a mirror of smctl without https',
    {
      inputs: { 'smctl-mirror': 'http://mirror.example.com' },
      code: 'INPUT_INVALID',
      what: /'smctl-mirror' uses http/,
      fix: /https/,
    },
  ],
  [
    'a mode that does not exist',
    {
      inputs: { mode: 'store' },
      code: 'INPUT_INVALID',
      what: /'mode' must be issue or stored/,
      fix: /issue or stored/,
    },
  ],
  [
    'a P12 without mode: stored',
    {
      inputs: { p12: P12 },
      code: 'INPUT_CONFLICT',
      what: /'p12' is set, but 'mode' is issue/,
      fix: /mode: stored/,
    },
  ],
  [
    'a P12 file without mode: stored',
    {
      inputs: { 'p12-file': 'a.p12' },
      code: 'INPUT_CONFLICT',
      what: /'p12-file' is set, but/,
      fix: /mode: stored/,
    },
  ],
  [
    'two P12s',
    {
      inputs: { mode: 'stored', p12: P12, 'p12-file': 'a.p12' },
      code: 'INPUT_CONFLICT',
      what: /Both/,
      fix: /one of them/,
    },
  ],
  [
    'no P12',
    { inputs: { mode: 'stored' }, code: 'INPUT_MISSING', what: /'p12'/, why: /fork/, fix: /secrets\./ },
  ],
  [
    'a P12 file that is not there',
    {
      inputs: { mode: 'stored', 'p12-file': 'no/such/file.p12' },
      code: 'FILE_READ',
      what: /'p12-file'.*ENOENT/,
      fix: /checkout/,
    },
  ],
  [
    'a directory as P12 file',
    { inputs: { mode: 'stored', 'p12-file': '.' }, code: 'FILE_READ', what: /'p12-file'/, fix: /path/ },
  ],
  [
    'a path as P12',
    {
      inputs: { mode: 'stored', p12: './client.p12' },
      code: 'P12_ENCODING',
      what: /is a path/,
      fix: /p12-file/,
    },
  ],
  [
    'http',
    {
      inputs: { host: 'http://one.digicert.com' },
      code: 'INPUT_INVALID',
      what: /'host' uses http/,
      fix: /https/,
    },
  ],
  [
    'another scheme',
    {
      inputs: { host: 'ftp://one.digicert.com' },
      code: 'INPUT_INVALID',
      what: /'host' uses ftp/,
      fix: /https/,
    },
  ],
  [
    'a path in host',
    {
      inputs: { host: 'https://one.digicert.com/account/api' },
      code: 'INPUT_INVALID',
      what: /'host' has a path/,
      fix: /one\.digicert\.com$/,
    },
  ],
  [
    'a query in host',
    {
      inputs: { host: 'one.digicert.com?x=1' },
      code: 'INPUT_INVALID',
      what: /'host' has a path or a query/,
      fix: /one\.digicert\.com$/,
    },
  ],
  [
    'user info in host',
    {
      inputs: { host: 'https://me:secret@one.digicert.com' },
      code: 'INPUT_INVALID',
      what: /'host'.*user name/,
      fix: /api-key|host only/,
    },
  ],
  [
    'a port beyond all',
    {
      inputs: { host: 'one.digicert.com:99999' },
      code: 'INPUT_INVALID',
      what: /'host'/,
      fix: /one\.digicert\.com/,
    },
  ],
  [
    'an address',
    { inputs: { host: '127.0.0.1' }, code: 'INPUT_INVALID', what: /clientauth-host/, fix: /clientauth-host/ },
  ],
  [
    'http in clientauth-host',
    {
      inputs: { 'clientauth-host': 'http://x' },
      code: 'INPUT_INVALID',
      what: /'clientauth-host' uses http/,
      fix: /https/,
    },
  ],
  [
    'a duration without unit',
    { inputs: { validity: '90' }, code: 'INPUT_INVALID', what: /'validity' is not a duration/, fix: /90d/ },
  ],
  [
    'a duration in words',
    {
      inputs: { timeout: '30 seconds' },
      code: 'INPUT_INVALID',
      what: /'timeout' is not a duration/,
      fix: /30m/,
    },
  ],
  [
    'no validity',
    { inputs: { validity: '0d' }, code: 'INPUT_INVALID', what: /'validity' is zero/, fix: /1d/ },
  ],
  [
    'too much validity',
    {
      inputs: { validity: '397d1s' },
      code: 'INPUT_INVALID',
      what: /'validity' is longer than 397 days/,
      fix: /397d/,
    },
  ],
  [
    'a key size of another kind',
    {
      inputs: { 'key-size': '1024' },
      code: 'INPUT_INVALID',
      what: /'key-size' must be 2048/,
      fix: /2048/,
    },
  ],
  [
    'a boolean in words',
    {
      inputs: { verify: 'yes' },
      code: 'INPUT_INVALID',
      what: /'verify' must be true or false/,
      fix: /true or false/,
    },
  ],
  [
    'a boolean of the post step',
    {
      inputs: { cleanup: 'no' },
      code: 'INPUT_INVALID',
      what: /'cleanup' must be true or false/,
      fix: /true or false/,
    },
  ],
  ['negative retries', { inputs: { retries: '-1' }, code: 'INPUT_INVALID', what: /'retries'/, fix: /0 to/ }],
  ['no time at all', { inputs: { timeout: '0s' }, code: 'INPUT_INVALID', what: /'timeout'/, fix: /30s/ }],
  [
    'an unknown encryption',
    {
      inputs: { 'p12-encryption': 'aes' },
      code: 'INPUT_INVALID',
      what: /'p12-encryption' must be/,
      fix: /modern/,
    },
  ],
  [
    'a subject without CN',
    { inputs: { subject: 'O=Example' }, code: 'INPUT_INVALID', what: /subject has no CN/i, fix: /CN=/ },
  ],
  [
    'a subject that is not a name',
    { inputs: { subject: 'Signing Service' }, code: 'INPUT_INVALID', what: /subject/i, fix: /CN=/ },
  ],
  [
    'a CA file that is not there',
    { inputs: { 'ca-certificates': 'ca.pem' }, code: 'FILE_READ', what: /'ca-certificates'/, fix: /path/ },
  ],
  [
    'a CA that is not a certificate',
    {
      inputs: { 'ca-certificates': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
      code: 'INPUT_INVALID',
      what: /'ca-certificates'/,
      fix: /PEM/,
    },
  ],
  [
    'permissions that nothing could check',
    {
      inputs: { mode: 'stored', p12: P12, 'api-key': '', verify: 'false', 'require-permissions': 'X' },
      code: 'INPUT_CONFLICT',
      what: /'require-permissions'/,
      fix: /verify/,
    },
  ],
]

test.each(CASES)('%s', async (_name, { inputs, code, what, fix, why }) => {
  const scenario = scene.scenario(inputs)
  const main = await scenario.main()
  expect(main.exitCode).toBe(1)
  const error = errorOf(main)
  expect(error.code).toBe(code)
  expect(error.what).toMatch(what)
  expect(error.fix).toMatch(fix)
  if (why !== undefined) expect(error.why).toMatch(why)
  expectSilentBesides(main)
  expect(scene.emulator.requests).toEqual([])

  const post = await scenario.post()
  expect(post).toMatchObject({ exitCode: 0, log: '' })
  expect(scenario.files()).toEqual([])
})

test('does not show a secret in the wrong input', async () => {
  const secret = 'Tr0ub4dor-and-3-more-words'
  for (const input of ['host', 'validity', 'mode', 'key-size', 'ca-certificates', 'subject', 'verify']) {
    const main = await scene.scenario({ 'api-key': secret, [input]: `${secret} ` }).main()
    expect(main.exitCode).toBe(1)
    expect(main.raw.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain(secret)
  }
})

test('the error links to its heading, in the repository and version of the action', async () => {
  const env = { GITHUB_ACTION_REPOSITORY: 'octo-org/cert', GITHUB_ACTION_REF: 'v1' }
  const main = await scene.scenario({ mode: 'x' }, env).main()
  expect(main.log).toContain('https://github.com/octo-org/cert/blob/v1/docs/troubleshooting.md#input_invalid')
})

test.each(['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'RUNNER_TEMP'])(
  'issues nothing without %s',
  async name => {
    const main = await scene.scenario({}, { [name]: undefined }).main()
    expect(main.exitCode).toBe(1)
    expect(errorOf(main)).toMatchObject({ code: 'RUNNER_ENVIRONMENT', what: expect.stringContaining(name) })
    expect(scene.emulator.certificates).toEqual([])
  },
)

test('shows stack traces only with debug logging', async () => {
  const inputs = { 'p12-file': 'no/such', mode: 'stored' }
  expect((await scene.scenario(inputs).main()).raw).not.toMatch(/^\s+at /m)
  const debug = await scene.scenario(inputs, { RUNNER_DEBUG: '1' }).main()
  expect(debug.raw).toMatch(/^::debug::.*\bat /m)
})

/** One annotation, and no other line. */
function expectSilentBesides(main: StepResult): void {
  expect(main.annotations).toHaveLength(1)
  expect(main.log).toMatch(/^error: .+(\nLikely cause: .+)?\nFix: .+\nSee .+$/)
  expect(main.raw).not.toMatch(/^\s+at /m)
}
