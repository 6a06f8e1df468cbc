import { error as annotate, setFailed } from '@actions/core'

/** Each has a heading in docs/emulator.md; a test keeps the two equal. */
export const FAILURES = [
  'EMULATOR_INPUT',
  'EMULATOR_RUNNER',
  'EMULATOR_PORT_TAKEN',
  'EMULATOR_NOT_READY',
] as const

export type FailureCode = (typeof FAILURES)[number]

export interface FailureWords {
  what: string
  why: string
  fix: string
}

/** What a failed start reports: what happened, the likely cause, the fix. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly words: FailureWords

  constructor(code: FailureCode, words: FailureWords) {
    super(words.what)
    this.code = code
    this.words = words
  }
}

/** Runs one step and reports how it fails. */
export async function runStep(step: () => Promise<void>): Promise<void> {
  try {
    await step()
  } catch (error) {
    if (error instanceof Failure) report(error)
    else setFailed(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}

function report({ code, words: { what, why, fix } }: Failure): void {
  const help = helpUrl(code, process.env)
  annotate(`${what}\nLikely cause: ${why}\nFix: ${fix}\nSee ${help}`, {
    title: `Embedded DigiCert ONE: ${code}`,
  })
}

function helpUrl(code: FailureCode, env: NodeJS.ProcessEnv): string {
  const page = `docs/emulator.md#${code.toLowerCase()}`
  const { GITHUB_ACTION_REPOSITORY: repository, GITHUB_ACTION_REF: ref } = env
  if (!repository) return page
  return `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${repository}/blob/${ref || 'HEAD'}/${page}`
}
