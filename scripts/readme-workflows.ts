// Writes each workflow that the README shows into a file of its own, so that a linter can read it:
// `node scripts/readme-workflows.ts FOLDER`. A snippet with only steps becomes a workflow with one job.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const JOB = 'on: push\npermissions: {}\njobs:\n  example:\n    runs-on: ubuntu-latest\n    steps:\n'

const [folder = ''] = process.argv.slice(2)
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
mkdirSync(folder, { recursive: true })
const blocks = [...readme.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body)
for (const [index, block] of blocks.entries()) {
  const steps = block.startsWith('- ') ? `${JOB}${block.replaceAll(/^(?=.)/gm, '      ')}` : block
  writeFileSync(join(folder, `readme-${index + 1}.yml`), steps)
}
