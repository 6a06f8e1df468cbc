// What README, docs and examples tell people to type: other users of a machine can read command lines, so they contain no secret.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import { cleanUpScratch, run, scratchFile, toolTest } from '../support/p12-tools.ts'
import { storedP12 } from '../support/stored.ts'
import {
  fencedBlocks,
  filesUnder,
  markdownFiles,
  parseYaml,
  read,
  type Step,
  type Workflow,
} from '../unit/contract/repository.ts'

cleanUpScratch()
let emulator: Emulator
let folder: string

beforeAll(async () => {
  emulator = await startEmulator()
  folder = mkdtempSync(join(tmpdir(), 'command-lines-'))
})
afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true, force: true })
})

const EXAMPLES = Object.values((parseYaml(read('examples/issue-curl.yml')) as Workflow).jobs ?? {})
const IN_EXAMPLE = scriptOf(EXAMPLES.flatMap(({ steps = [] }) => steps))
const IN_README = scriptOf(
  fencedBlocks(read('examples/README.md'), 'yaml')
    .filter(block => block.includes('curl --config'))
    .flatMap(block => parseYaml(block) as Step[]),
)

function scriptOf(steps: Step[]): string {
  return steps.find(step => step.run?.includes('curl --config'))?.run ?? ''
}

/** A curl that logs its arguments, then runs the real one. */
function recordingCurl(real: string): string {
  const file = join(folder, 'curl')
  writeFileSync(
    file,
    `#!/bin/bash\nprintf '%s\\n' "$@" >> '${join(folder, 'arguments')}'\nexec '${real}' "$@"\n`,
  )
  chmodSync(file, 0o700)
  return file
}

async function runScript(script: string, variables: Record<string, string>) {
  const found = await run('bash', ['-c', 'command -v curl'])
  recordingCurl(found.text.trim())
  const env = {
    CURL_CA_BUNDLE: scratchFile('ca.pem', emulator.caPem),
    no_proxy: '*',
    ...variables,
    PATH: [folder, process.env.PATH].join(delimiter),
  }
  const outcome = await run('bash', ['-e', scratchFile('step.sh', script)], '', env)
  return { ...outcome, args: readFileSync(join(folder, 'arguments'), 'utf8') }
}

const PASSWORDS = [
  'simple-word',
  'a"quote',
  'back\\slash\\',
  'tab\\t "both" \\"',
  "it's $HOME `id` & more: #1",
  'ü 日本',
]

for (const [place, script] of [
  ["the examples' README", IN_README],
  ['the example', IN_EXAMPLE],
] as const) {
  for (const password of PASSWORDS) {
    toolTest(['curl', 'bash'], `only curl in ${place} gets the password ${password}`, async () => {
      const { der } = await storedP12(emulator, { password })
      const { status, text, args } = await runScript(script, {
        URL: emulator.clientauthUrl,
        P12: scratchFile('client.p12', der),
        PASSWORD: password,
      })
      expect({ status, text }).toEqual({ status: 0, text: expect.stringContaining(emulator.user.id) })
      expect(args).toContain('--cert-type')
      expect(args).not.toContain(password)
    })
  }
}

const COMMANDS = fencedBlocks(read('docs/troubleshooting.md'), 'sh').filter(block => block.includes('curl '))

for (const [index, block] of COMMANDS.entries()) {
  toolTest(
    ['curl', 'bash', 'jq'],
    `command ${index + 1} of the troubleshooting page that sends an API key`,
    async () => {
      const { minted } = await storedP12(emulator, { enabled: false })
      const script = block
        .replaceAll('https://one.digicert.com', emulator.apiUrl)
        .replace('/ID/', `/${minted.record?.id}/`)
      const { status, text, args } = await runScript(`set -o pipefail\n${script}`, {
        DIGICERT_API_KEY: emulator.apiKey,
      })
      expect({ status, text }).toMatchObject({ status: 0 })
      expect(emulator.requests.at(-1)).toMatchObject({ status: 200 })
      expect(args).not.toContain(emulator.apiKey)
    },
  )
}

test('finds such commands', () => {
  expect(COMMANDS).toHaveLength(3)
})

/** The left column of a comparison is what people use. */
const PEOPLE_HAVE = [
  '`curl --cert client.p12:$PASSWORD --cert-type P12`',
  '`--storepass "$API_KEY\\|client.p12\\|$PASSWORD"`',
]
/** Part of the shell: it starts no program, so its arguments are on no command line. */
const BUILTIN = /^\s*printf [^|>\n]*/gm
const ON_A_COMMAND_LINE = [
  /--cert\s+"?[^\s"]*:\$/,
  /(-H|--header)\s+["'][^"']*\$/,
  /-?-(storepass|keypass|pass|passin|passout|password)[ =]+("?\$|pass:)/,
  /(-u|--user)\s+"?[^\s"]*\$/,
]

test.each([
  ...markdownFiles.filter(path => !path.startsWith('__tests__/')),
  ...filesUnder('examples', '.yml'),
])('%s', path => {
  const text = PEOPLE_HAVE.reduce((rest, had) => rest.replaceAll(had, ''), read(path)).replace(BUILTIN, '')
  for (const pattern of ON_A_COMMAND_LINE) expect(text).not.toMatch(pattern)
})
