// What a step's masks cost all later steps of the job: `npm run bench:masks -- --help`.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Job, ROOT, type StepResult } from '../__tests__/support/runner.ts'
import { RunnerMasker } from '../__tests__/support/runner-masker.ts'
import { storedP12 } from '../__tests__/support/stored.ts'
import { startGithub } from '../emulator/github/index.ts'
import { startEmulator } from '../emulator/index.ts'
import { readNumber } from './options.ts'

const HELP = `Usage: npm run bench:masks -- [options]

Counts the masks that each shipped step sends, and the values that the runner then searches for in every later line of
the job, with a model of the runner's masker (__tests__/support/runner-masker.ts). The time is the model's, in JavaScript;
the runner's own, in .NET, is not measured here: compare the builds, not the seconds.

  --lines <number>  how many lines of 100 characters later steps print; default 100000
  --compare <dir>   another dist/ as well, for example of an older commit
`

const REPOSITORY = 'octo-org/hello.world'
const SECRET = 'SM_CLIENT_CERT_FILE_B64'

interface Cost {
  step: string
  masks: number
  values: number
  seconds: number
}

/** Every action, with an RSA key of 2048 bits: the one that is issued, and the one in the stored P12. */
async function costs(build: string, lines: string[]): Promise<Cost[]> {
  const digicert = await startEmulator()
  const github = await startGithub()
  try {
    github.addRepository(REPOSITORY)
    const password = 'Ab3'.repeat(13)
    const { base64 } = await storedP12(digicert, { password, keyType: 'rsa-2048' })
    github.setSecret(REPOSITORY, SECRET, base64)
    const connection = {
      'api-key': digicert.apiKey,
      host: digicert.apiUrl,
      'ca-certificates': digicert.caPem + github.caPem,
    }
    const p12 = { p12: base64, 'p12-password': password }
    const steps: [string, string, Record<string, string>][] = [
      ['issue', '', {}],
      ['stored', '', { mode: 'stored', ...p12 }],
      ['check', 'check', p12],
      ['access', 'access', { enabled: 'true', ...p12 }],
      ['rotate', 'rotate', { 'github-token': github.token, force: 'true', ...p12 }],
    ]
    const found: Cost[] = []
    for (const [step, folder, inputs] of steps) {
      const use = new Job().use(join(build, folder))
      const env = { GITHUB_API_URL: github.apiUrl, GITHUB_REPOSITORY: REPOSITORY }
      const main = await use.main({ inputs: { ...connection, ...inputs }, env })
      found.push(costOf(step, main, lines))
      if (folder === '')
        found.push(costOf(`${step}, post step`, await use.post({ inputs: connection }), lines))
    }
    return found
  } finally {
    await github.close()
    await digicert.close()
  }
}

function costOf(step: string, { exitCode, log, masks }: StepResult, lines: string[]): Cost {
  if (exitCode !== 0) throw new Error(`${step} failed:\n${log}`)
  const masker = new RunnerMasker()
  for (const mask of masks) masker.addMask(mask)
  const started = performance.now()
  for (const line of lines) masker.mask(line)
  return {
    step,
    masks: masks.length,
    values: masker.values.size,
    seconds: (performance.now() - started) / 1000,
  }
}

/** Like the output of compilers and tests. */
function printedLines(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    `[${index}] Compiling src/module-${index % 997}/component.ts, checked in ${index % 89} ms, emitted to dist/`.padEnd(
      100,
      '.',
    ),
  )
}

/** All contracts of this repository with another dist/. */
function buildOf(dist: string): { build: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'build-'))
  for (const name of ['action.yml', 'check/action.yml', 'access/action.yml', 'rotate/action.yml']) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    cpSync(join(ROOT, name), join(folder, name))
  }
  symlinkSync(resolve(dist), join(folder, 'dist'), 'junction')
  return { build: relative(ROOT, folder), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function print(title: string, found: Cost[], lines: number): void {
  console.log(`\n${title}`)
  console.log(['', 'masks', 'values', `model, s per ${lines} lines`].map(pad).join(''))
  for (const { step, masks, values, seconds } of found)
    console.log([step, String(masks), String(values), seconds.toFixed(1)].map(pad).join(''))
}

const pad = (cell: string, column: number) =>
  column === 0 ? cell.padEnd(20) : cell.padStart(column === 3 ? 32 : 10)

try {
  const { values } = parseArgs({
    options: {
      lines: { type: 'string', default: '100000' },
      compare: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) console.log(HELP)
  else {
    const lines = printedLines(readNumber('lines', values.lines, 1, 10_000_000))
    print('This build', await costs('', lines), lines.length)
    if (values.compare !== undefined) {
      const other = buildOf(values.compare)
      try {
        print(values.compare, await costs(other.build, lines), lines.length)
      } finally {
        other.remove()
      }
    }
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
