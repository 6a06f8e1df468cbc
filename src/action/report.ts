import { error as annotate, debug, info, isDebug, warning } from '@actions/core'
import { ActionError, type ErrorCode } from '../errors.ts'
import { notWritten } from '../files.ts'
import { FALLBACK } from '../operations/fallback.ts'
import { clean } from '../text.ts'

/** Runs one step of the action: reports what goes wrong, and exits. */
export async function runStep(step: () => Promise<void>): Promise<void> {
  // A bug of ours outside any promise chain must not print a stack trace either.
  process.once('uncaughtException', error => {
    report(toActionError(error))
    exitWhenFlushed(1)
  })
  let exitCode = 0
  try {
    await step()
  } catch (error) {
    report(toActionError(error))
    exitCode = 1
  }
  exitWhenFlushed(exitCode)
}

/** The one place that turns an error into words for a person. */
export function report(error: ActionError): void {
  const help = `See ${troubleshootingUrl(error.code, process.env)}`
  annotate(`${explain(error)}\n${help}`, { title: titleOf(error.code) })
  if (isDebug()) for (const line of stackLines(error)) debug(line)
}

/** The step continues without the stored P12, which somebody has to fix anyway. */
export function warnOfFallback(unusable: ActionError): void {
  const help = `See ${troubleshootingUrl(unusable.code, process.env)}`
  warning(`${FALLBACK}\n${explain(unusable)}\n${help}`, { title: titleOf(unusable.code) })
}

/** In the post step nothing fails the job. */
export function reportAsWarning(error: unknown): void {
  const reason = toActionError(error)
  warning(`Cleaning up did not finish: ${explain(reason)}`, { title: titleOf(reason.code) })
}

/** The parts of an error, a line each. */
export function explain({ message, why, fix }: ActionError): string {
  const cause = why === undefined ? [] : [`Likely cause: ${why}`]
  return [message, ...cause, `Fix: ${fix}`].join('\n')
}

/** Annotations carry the action's name, because the pull request view shows them without context. */
export function titleOf(code: ErrorCode): string {
  return `DigiCert ONE client certificate: ${code}`
}

/** Anything other than an ActionError is a bug in this action. Its message may contain secrets, so it is not shown. */
export function toActionError(error: unknown): ActionError {
  if (error instanceof ActionError) return error
  const code = String((error as { code?: unknown } | null)?.code)
  if (/^(ENOSPC|EDQUOT|EROFS|EACCES|EPERM|EIO)$/.test(code)) return writeError(error)
  const name = error instanceof Error ? clean(error.name, 40) : typeof error
  return new ActionError(
    'INTERNAL',
    {
      what: `Something unexpected happened (${name}).`,
      why: 'This action has a bug, or does not expect something on this runner.',
      fix: 'Run the job again with debug logging (secret ACTIONS_STEP_DEBUG = true) and report what it prints.',
    },
    error,
  )
}

/** The runner's own files could not be written: outputs, environment, state. */
function writeError(cause: unknown): ActionError {
  const what = "Could not write the runner's files for outputs, environment and state"
  return notWritten(what, 'These files are not writable for this user.', 'the runner', cause)
}

/**
 * Exits without waiting for what is still in progress (a key on the thread pool, an idle connection), but not before
 * the log is written: on Windows, stdout may be asynchronous.
 */
export function exitWhenFlushed(exitCode: number): void {
  process.exitCode = exitCode
  process.stdout.write('', () => process.exit(exitCode))
}

/**
 * What the runner sends when a job is canceled, one after the other, before it kills the step. Windows has no SIGTERM but
 * Ctrl-Break, which Node calls SIGBREAK; other systems never send that one.
 */
const CANCEL_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const

/**
 * When the job is canceled, the step stops at once; the post step does the rest.
 * @param tidy must not throw
 */
export function onCancel(tidy: () => void): { disarm(): void } {
  const end = (signal: NodeJS.Signals) => {
    tidy()
    info(
      `The step was canceled by ${signal} (CANCELLED). The post step disables what was issued and deletes what is left.`,
    )
    exitWhenFlushed(signal === 'SIGINT' ? 130 : 143)
  }
  for (const signal of CANCEL_SIGNALS) process.once(signal, end)
  return {
    disarm: () => {
      for (const signal of CANCEL_SIGNALS) process.off(signal, end)
    },
  }
}

/** The post step finishes its work: what it leaves behind would stay. */
export function ignoreCancel(): void {
  for (const signal of CANCEL_SIGNALS)
    process.on(signal, () => info(`Received ${signal}; finishing the cleanup first.`))
}

/** Links to the section on this code; relative to the root of the action where its repository is not known. */
export function troubleshootingUrl(code: ErrorCode, env: NodeJS.ProcessEnv): string {
  const page = `docs/troubleshooting.md#${code.toLowerCase()}`
  const { GITHUB_ACTION_REPOSITORY: repository, GITHUB_ACTION_REF: ref } = env
  if (!repository) return page
  return `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${repository}/blob/${ref || 'HEAD'}/${page}`
}

/** Where it happened, and the code of every cause. Not a cause's own words: they may quote what it was working on. */
function stackLines(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const { code = '' } = error as { code?: unknown }
  const frames = (error.stack ?? '').split('\n').filter(line => /^\s+at /.test(line))
  const lines = [`${error.name} ${String(code)}`, ...frames].map(line => clean(line, 500))
  return [...lines, ...stackLines(error.cause)]
}
