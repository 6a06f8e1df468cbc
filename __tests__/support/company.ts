// A company's network: DigiCert ONE and GitHub have names that only its proxy resolves. And everything that the
// actions do, each operation with all hosts that it talks to.
import { expect } from '@jest/globals'
import { type Rotation, useRotation } from './rotation.ts'
import { Job, type RunOptions, type StepResult } from './runner.ts'
import { expectNothingSecret } from './secrets.ts'
import { PASSWORD, storedP12 } from './stored.ts'

const API = 'one.digicert.example'
const CLIENTAUTH = `clientauth.${API}`
const GITHUB = 'api.github.example'
export const NAMES = [API, CLIENTAUTH, GITHUB]

export function useCompany(): Rotation {
  return useRotation({ digicert: { host: API }, github: { host: GITHUB } })
}

type Surroundings = Pick<RunOptions, 'env' | 'within'>

export interface Operation {
  name: string
  /** the hosts that it talks to */
  hosts: string[]
  /** runs it, with its post step; a test changes inputs to make it fail */
  run(company: Rotation, how: Surroundings, inputs?: Record<string, string>): Promise<StepResult[]>
}

export const OPERATIONS: Operation[] = [
  {
    name: 'issue and the post step',
    hosts: [API, CLIENTAUTH],
    run: (company, how, inputs = {}) => use(company, '', inputs, how),
  },
  {
    name: 'stored',
    hosts: [API, CLIENTAUTH],
    run: async (company, how, inputs = {}) =>
      use(company, '', { mode: 'stored', ...(await p12(company)), ...inputs }, how),
  },
  {
    name: 'check',
    hosts: [API],
    run: async (company, how, inputs = {}) =>
      use(company, 'check', { ...(await p12(company)), ...inputs }, how),
  },
  {
    name: 'access',
    hosts: [API, CLIENTAUTH],
    run: async (company, how, inputs = {}) =>
      use(company, 'access', { ...(await p12(company)), enabled: 'false', ...inputs }, how),
  },
  {
    name: 'rotate',
    hosts: [API, CLIENTAUTH, GITHUB],
    run: async (company, how, inputs = {}) => {
      await company.store()
      return [await company.run(inputs, how)]
    },
  },
]

export function operation(name: string): Operation {
  const found = OPERATIONS.find(known => known.name.startsWith(name))
  if (found === undefined) throw new Error(`no operation ${name}`)
  return found
}

/** The names, without ports, in a proxy's log, each once. */
export function hostsOf(tunnels: string[]): string[] {
  return [...new Set(tunnels.map(line => line.split(' ')[1]?.split(':')[0] ?? ''))].sort()
}

export function expectAllWell(results: StepResult[]): void {
  for (const { exitCode, log } of results) expect({ exitCode, log }).toEqual({ exitCode: 0, log })
}

async function p12(company: Rotation): Promise<Record<string, string>> {
  const { base64 } = await storedP12(company.digicert)
  return { p12: base64, 'p12-password': PASSWORD }
}

async function use(
  company: Rotation,
  folder: string,
  changes: Record<string, string>,
  how: Surroundings,
): Promise<StepResult[]> {
  const { apiKey, apiUrl, caPem } = company.digicert
  const inputs = {
    'api-key': apiKey,
    host: apiUrl,
    'ca-certificates': caPem,
    timeout: '5s',
    retries: '0',
    ...changes,
  }
  const step = new Job().use(folder)
  const results = [await step.main({ inputs, ...how })]
  if (folder === '') results.push(await step.post({ inputs, ...how }))
  for (const result of results) expectNothingSecret(result, { inputs, ...how })
  return results
}
