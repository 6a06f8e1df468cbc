import { getBooleanInput, getInput } from '@actions/core'
import { Failure } from './failure.ts'

export interface EmulatorInputs {
  userName: string
  /** undefined: those of the tutorial */
  permissions: string[] | undefined
  p12ValiditySeconds: number
  port: number
  clientauthPort: number
  exportEnv: boolean
  lifetimeSeconds: number
  summary: boolean
}

const DAY = 86_400
const UNITS = [DAY, 3600, 60, 1]
const DURATION = /^(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?$/i

/** @throws Failure EMULATOR_INPUT */
export function readEmulatorInputs(): EmulatorInputs {
  return {
    userName: getInput('user-name') || 'Example service user',
    permissions: list('permissions'),
    p12ValiditySeconds: duration('p12-validity', '365d', 397 * DAY),
    port: port('port'),
    clientauthPort: port('clientauth-port'),
    exportEnv: flag('export-env', false),
    lifetimeSeconds: duration('lifetime', '6h', 7 * DAY),
    summary: flag('summary', true),
  }
}

/** Whether the post step writes a summary; it must not fail on an input that the main step refused. */
export function wantsSummary(): boolean {
  return getInput('summary').toLowerCase() !== 'false'
}

function list(name: string): string[] | undefined {
  const entries = getInput(name)
    .split(/[,\r\n]+/)
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
  return entries.length === 0 ? undefined : entries
}

function flag(name: string, fallback: boolean): boolean {
  if (getInput(name) === '') return fallback
  try {
    return getBooleanInput(name)
  } catch {
    throw invalid(name, 'must be true or false', 'Write true or false.')
  }
}

function port(name: string): number {
  const given = getInput(name) || '0'
  const number = Number(given)
  if (/^\d{1,5}$/.test(given) && number <= 65_535) return number
  throw invalid(name, 'is not a port', 'Write a number from 1024 to 65535, or 0 for any free port.')
}

/** Seconds from `90d`, `12h`, `30m`, `45s` or a combination from large to small, as in the other actions of this repository. */
function duration(name: string, fallback: string, most: number): number {
  const [, ...counts] = DURATION.exec(getInput(name) || fallback) ?? []
  const total = UNITS.reduce((sum, unit, index) => sum + unit * Number(counts[index] ?? 0), 0)
  if (total >= 1 && total <= most) return total
  throw invalid(
    name,
    'is not a duration in its range',
    `Write it like 12h or 1d12h, from 1s to ${most / DAY}d.`,
  )
}

function invalid(name: string, problem: string, fix: string): Failure {
  const why = 'A misspelled value, or a value meant for another input.'
  return new Failure('EMULATOR_INPUT', { what: `The input '${name}' ${problem}.`, why, fix })
}
