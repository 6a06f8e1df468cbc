// How time and memory of `rotate` grow with the number of targets: `node bench/rotate-growth.ts --help`.
import { parseArgs } from 'node:util'
import { storedP12 } from '../__tests__/support/stored.ts'
import { startGithub } from '../emulator/github/index.ts'
import { startEmulator } from '../emulator/index.ts'
import { readNumber } from './options.ts'
import { connectionTo, expectSuccess, type Growth, growthRow, runStep } from './step.ts'

const HELP = `Usage: node bench/rotate-growth.ts [options]

Runs the shipped rotate step, each time as a whole process, against an embedded DigiCert ONE and an embedded GitHub
with more and more targets. Every run issues, proves and writes to all of them. More than 100 writes are paced at one a
second, as GitHub asks, so 500 targets take more than eight minutes; CPU time, memory and requests show the work itself.

  --sizes <list>  default 1,10,100,500
`

async function rotate(size: number): Promise<Growth> {
  const digicert = await startEmulator()
  const github = await startGithub()
  try {
    const targets = Array.from({ length: size }, (_, index) => `octo-org/repository-${index}`)
    const password = 'correct horse battery staple'
    const { base64 } = await storedP12(digicert, { password })
    for (const target of targets) {
      github.addRepository(target)
      github.setSecret(target, 'SM_CLIENT_CERT_FILE_B64', base64)
    }
    const step = await runStep('rotate', {
      ...connectionTo({ ...digicert, caPem: digicert.caPem + github.caPem }),
      GITHUB_REPOSITORY: targets[0],
      GITHUB_API_URL: github.apiUrl,
      'INPUT_GITHUB-TOKEN': github.token,
      INPUT_P12: base64,
      'INPUT_P12-PASSWORD': password,
      INPUT_FORCE: 'true',
      INPUT_TARGETS: targets.join('\n'),
    })
    expectSuccess(step)
    const behind = targets.filter(
      target => github.secret(target, 'SM_CLIENT_CERT_FILE_B64')?.value === base64,
    )
    if (behind.length > 0) throw new Error(`${behind.length} of ${size} targets were not written`)
    return { ...step, requests: github.requests.length }
  } finally {
    await github.close()
    await digicert.close()
  }
}

const columns = ['targets', 'wall s', 'CPU s', 'CPU ms/target', 'peak MB', 'requests']

const print = (cells: string[]) => console.log(cells.map(cell => cell.padStart(14)).join(''))

try {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '1,10,100,500' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) console.log(HELP)
  else {
    const sizes = values.sizes.split(',').map(text => readNumber('sizes', text, 1, 1000))
    print(columns)
    for (const size of sizes) print(growthRow(size, await rotate(size)))
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
