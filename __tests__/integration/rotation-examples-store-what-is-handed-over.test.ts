// The steps of the examples that read and store, with stand-ins for the stores' programs that use a folder.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { run, toolTest } from '../support/p12-tools.ts'
import { parseYaml, read, type Step, type Workflow } from '../unit/contract/repository.ts'

const PASSWORD = 'p4ss%25word "of" the \\ store'
const OLD = Buffer.from('the old P12'.repeat(300))
const NEW = Buffer.from('the new P12'.repeat(300))
const TOKEN = 'hvs.a-token-of-vault'

/** Each accepts the arguments in the example, and nothing else. */
const PROGRAMS = {
  az: `
    while [ $# -gt 0 ]; do
      case "$1" in
        keyvault|secret) ;;
        show|set) verb=$1 ;;
        --vault-name) [ "$2" = the-vault ] || exit 3; shift ;;
        --name) name=$2; shift ;;
        --file) file=$2; shift ;;
        --query|--output|--encoding) shift ;;
        *) exit 3 ;;
      esac
      shift
    done
    if [ "$verb" = show ]; then cat "$STORE/$name"; echo; else cat "$file" > "$STORE/$name"; fi`,
  aws: `
    [ "$1" = secretsmanager ] || exit 3
    verb=$2
    shift 2
    while [ $# -gt 0 ]; do
      case "$1" in
        --secret-id) name=$2 ;;
        --secret-string) file=\${2#file://} ;;
        --query|--output) ;;
        *) exit 3 ;;
      esac
      shift 2
    done
    case "$verb" in
      get-secret-value) cat "$STORE/$name"; echo ;;
      put-secret-value) cat "$file" > "$STORE/$name"; echo the-version ;;
      *) exit 3 ;;
    esac`,
  curl: `
    cat > "$STORE/config"
    while [ $# -gt 0 ]; do
      case "$1" in
        --data) file=\${2#@}; shift ;;
        --config|--request|--header) shift ;;
        http*) printf '%s' "$1" > "$STORE/url" ;;
      esac
      shift
    done
    jq --raw-output .data.p12 "$file" | tr -d '\\n' > "$STORE/sm-client-cert-file-b64"`,
}

let folder = ''
const path = (...parts: string[]) => join(folder, ...parts)
const stored = () => readFileSync(path('store', 'sm-client-cert-file-b64'), 'utf8')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stores-'))
  for (const name of ['bin', 'store', 'private']) mkdirSync(path(name))
  for (const [name, script] of Object.entries(PROGRAMS)) {
    const record = `printf '%s\\n' "$@" >> '${path('arguments')}'`
    writeFileSync(path('bin', name), `#!/bin/bash\nset -e\n${record}\n${script}\n`)
    chmodSync(path('bin', name), 0o700)
  }
  writeFileSync(path('store', 'sm-client-cert-file-b64'), OLD.toString('base64').replace(/.{76}/g, '$&\n'))
  writeFileSync(path('store', 'sm-client-cert-password'), PASSWORD)
  writeFileSync(path('private', 'client.p12'), NEW)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const EXAMPLES = ['azure-key-vault', 'aws-secrets-manager', 'hashicorp-vault'].map(name => {
  const workflow = parseYaml(read(`examples/rotate-${name}.yml`)) as Workflow
  return [name, Object.values(workflow.jobs ?? {}).flatMap(({ steps = [] }) => steps)] as const
})
const stepOf = (steps: Step[], wanted: string) => steps.find(({ name }) => name === wanted)

async function runStep(step: Step | undefined) {
  writeFileSync(path('output'), '')
  const env = {
    PATH: `${path('bin')}${delimiter}${process.env.PATH}`,
    STORE: path('store'),
    VAULT: 'the-vault',
    VAULT_ADDR: 'https://vault.example.com',
    VAULT_TOKEN: TOKEN,
    P12_FILE: path('private', 'client.p12'),
    GITHUB_OUTPUT: path('output'),
  }
  // As GitHub runs `shell: bash`.
  const flags = ['--noprofile', '--norc', '-eo', 'pipefail', '-c']
  return await run('bash', [...flags, step?.run ?? 'exit 9'], '', env)
}

/** Other users of the machine can read command lines. */
function expectNoSecretAmongArguments(): void {
  const given = readFileSync(path('arguments'), 'utf8')
  for (const secret of [PASSWORD, OLD.toString('base64'), NEW.toString('base64'), TOKEN])
    expect(given).not.toContain(secret.slice(0, 16))
}

describe.each(EXAMPLES)('%s', (_name, steps) => {
  toolTest(
    ['bash', 'jq'],
    'stores the new P12 as base64 text in one line, and prints none of it',
    async () => {
      const { status, text } = await runStep(stepOf(steps, 'Store'))
      expect({ status, text }).toEqual({ status: 0, text: expect.any(String) })
      expect(stored()).toBe(NEW.toString('base64'))
      expect(text).not.toContain(NEW.toString('base64').slice(0, 16))
      expectNoSecretAmongArguments()
    },
  )

  toolTest(
    ['bash', 'jq'],
    'reads P12 and password, and masks them, unless the reading action does',
    async () => {
      const step = stepOf(steps, 'Read')
      if (step?.uses !== undefined) {
        expect(step.uses).toMatch(/^hashicorp\/vault-action@/)
        return
      }
      const { status, text } = await runStep(step)
      expect(status).toBe(0)
      const base64 = OLD.toString('base64')
      expect(readFileSync(path('output'), 'utf8')).toBe(`p12=${base64}\np12-password=${PASSWORD}\n`)
      expect(text.split('\n').filter(line => line !== '')).toEqual([
        `::add-mask::${base64}`,
        `::add-mask::${PASSWORD.replaceAll('%', '%25')}`,
      ])
      expectNoSecretAmongArguments()
    },
  )

  toolTest(
    ['bash', 'jq'],
    'fails when the store cannot be read or written, and passes nothing on',
    async () => {
      rmSync(path('store'), { recursive: true })
      for (const step of [stepOf(steps, 'Read'), stepOf(steps, 'Store')]) {
        if (step?.uses !== undefined) continue
        expect((await runStep(step)).status).not.toBe(0)
        expect(readFileSync(path('output'), 'utf8')).toBe('')
      }
      expect(existsSync(path('store'))).toBe(false)
    },
  )

  test('stores what was handed over, whatever failed after that, and nothing else', () => {
    const { if: condition } = stepOf(steps, 'Store') as Step & { if?: string }
    expect(condition).toMatch(/!cancelled\(\) && steps\.rotate\.outputs\.rotated == 'true' \}\}$/)
    const { with: given } = stepOf(steps, 'Rotate') as Step
    expect(given).toMatchObject({
      p12: expect.stringContaining(' steps.read.outputs.p12 '),
      'p12-password': expect.stringContaining(' steps.read.outputs.p12-password '),
      publish: 'outputs',
    })
  })
})
