// Runs every check, continues after a failure to show all of them, and finishes with "N passed, N failed": the tests, and
// each other failed check counted as one. A check whose programs are missing is skipped, or with REQUIRE_TOOLS=1 run anyway,
// to fail.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { CHECKS, type Check, commandOf } from './checks.ts'

interface Tests {
  passed: number
  failed: number
  skipped: number
}

const ON_WINDOWS = process.platform === 'win32'
const required = process.env.REQUIRE_TOOLS === '1'
const results = mkdtempSync(join(tmpdir(), 'all-'))
const total: Tests = { passed: 0, failed: 0, skipped: 0 }
const remarks: string[] = []

try {
  for (const check of CHECKS) {
    const missing = missingFor(check)
    if (missing.length === 0 || required) run(check)
    else remarks.push(`not run: ${commandOf(check)}, which needs ${missing.join(', ')}`)
  }
} finally {
  rmSync(results, { recursive: true, force: true })
}
console.log()
for (const remark of remarks) console.log(remark)
if (total.skipped > 0) console.log(`${total.skipped} skipped`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1

function missingFor({ needs = [] }: Check): string[] {
  return needs.filter(program => !isInstalled(program))
}

function run(check: Check): void {
  const { script, jest, args = [] } = check
  console.log(`\n== ${commandOf(check)}`)
  const report = join(results, `${script.replace(':', '-')}.json`)
  const counting = jest ? ['--json', `--outputFile=${report}`] : []
  const [, ...words] = commandOf(check).split(' ')
  const { status } = spawnSync(ON_WINDOWS ? 'npm.cmd' : 'npm', [...words, '--', ...args, ...counting], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: ON_WINDOWS,
  })
  const { passed, failed, skipped } = jest ? testsOf(report) : { passed: 0, failed: 0, skipped: 0 }
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
  if (status === 0) return
  remarks.push(`failed: ${commandOf(check)}`)
  if (failed === 0) total.failed++
}

/** A run that broke before its first test leaves an empty file, or none. */
function testsOf(report: string): Tests {
  try {
    const run = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>
    return {
      passed: run.numPassedTests ?? 0,
      failed: (run.numFailedTests ?? 0) + (run.numRuntimeErrorTestSuites ?? 0),
      skipped: run.numPendingTests ?? 0,
    }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

function isInstalled(program: string): boolean {
  const names = ON_WINDOWS ? [`${program}.exe`, `${program}.cmd`, `${program}.bat`] : [program]
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some(folder => names.some(name => isExecutable(join(folder, name))))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
