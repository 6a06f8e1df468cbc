import { accessSync, appendFileSync, constants } from 'node:fs'
import { warning } from '@actions/core'
import type { ActionError } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import type { CleanupRequest } from '../operations/cleanup.ts'
import type { Delivered } from '../operations/deliver.ts'
import { FALLBACK } from '../operations/fallback.ts'
import { canSignWith } from '../operations/preflight/preflight.ts'
import type { InstalledSmctl } from '../smctl/install.ts'
import { describeRemaining } from '../x509/validity.ts'
import { text } from './fields.ts'
import { code, escapeMarkdown, table, utcMinute } from './markdown.ts'
import { toActionError } from './report.ts'

/** The job summary of the root action, as GitHub Markdown. */
export function renderSummary(
  delivered: Delivered,
  atJobEnd: CleanupRequest,
  now: Date,
  smctl?: InstalledSmctl,
): string {
  const { facts, mode } = delivered
  const left = describeRemaining(facts.notAfter, now)
  const title = mode === 'issue' ? 'Client certificate issued' : 'Stored client certificate ready'
  const rows: [string, string][] = [
    [
      'Certificate',
      [delivered.name, facts.subject]
        .filter(part => part !== '')
        .map(code)
        .join('<br>'),
    ],
    ['For', forWhom(delivered)],
    [
      'Valid until',
      `**${utcMinute(facts.notAfter)}** (${escapeMarkdown(left)} left)${delivered.expiring ? ' ⚠️ ends soon' : ''}`,
    ],
    ['mTLS', proof(delivered)],
    ...signingRows(delivered, now),
    ['Serial number', code(facts.serialNumber)],
    ['Issuer', code(facts.issuer)],
    ['At the end of the job', ending(delivered, atJobEnd)],
  ]
  if (delivered.certificateId !== '') rows.splice(5, 0, ['DigiCert id', code(delivered.certificateId)])
  if (smctl !== undefined)
    rows.push(['smctl', `${code(smctl.path)}<br>✅ verified, SHA-256 ${code(smctl.digest)}`])
  return `### 🔐 ${title}\n\n${table(rows)}\n\n`
}

/** Above everything else: the same words as the warning. */
export function renderFallback(unusable: ActionError): string {
  const title = `### ⚠️ Stored P12 not used: ${unusable.code}`
  return [title, '', FALLBACK, '', ...explanation(unusable), '', ''].join('\n')
}

/** What a failed step leaves in the summary: the same words as its annotation. */
export function renderFailure(error: ActionError): string {
  return [`### ❌ Client certificate: ${error.code}`, '', ...explanation(error), '', ''].join('\n')
}

/** All three parts of an error, as lines of Markdown. */
export function explanation({ message, why, fix }: ActionError): string[] {
  return [
    escapeMarkdown(message),
    '',
    `- **Likely cause:** ${escapeMarkdown(why)}`,
    `- **Fix:** ${escapeMarkdown(fix)}`,
  ]
}

/** Whether to write one of a failure, which may be that of the inputs. */
function wantsSummary(env: NodeJS.ProcessEnv): boolean {
  return text(env, 'summary').toLowerCase() !== 'false'
}

/** Runs the body of a step; what it throws also stands in the summary. */
export async function summarizeFailure<T>(env: NodeJS.ProcessEnv, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    if (wantsSummary(env)) writeSummary(renderFailure(toActionError(error)), env)
    throw error
  }
}

/** Appends to the step's summary. One that cannot be written is a pity, and no reason to fail. */
export function writeSummary(markdown: string, { GITHUB_STEP_SUMMARY: file }: NodeJS.ProcessEnv): void {
  if (!file) return
  try {
    accessSync(file, constants.W_OK) // or appending would make a file that nobody reads
    appendFileSync(file, markdown)
  } catch {
    warning('The job summary could not be written.')
  }
}

function forWhom({ user, clientauthUrl }: Delivered): string {
  const host = code(hostOf(clientauthUrl))
  if (user === undefined) return `unknown user at ${host}`
  return `${escapeMarkdown(user.name || user.id)} at ${host}`
}

function proof({ verified, permissions }: Delivered): string {
  const allowed = permissions.length === 0 ? '' : `, may ${permissions.map(code).join(', ')}`
  return verified ? `✅ proven${allowed}` : `⚪ not checked (\`verify: false\`)${allowed}`
}

function signingRows({ signing }: Delivered, now: Date): [string, string][] {
  if (signing === undefined) return []
  const expires = signing.certificate?.expiring ? ' ⚠️ expires soon' : ''
  return [['Signing', `✅ ${escapeMarkdown(canSignWith(signing, now))}${expires}`]]
}

function ending({ mode }: Delivered, { cleanup, disableAfterJob }: CleanupRequest): string {
  const files = cleanup ? 'the files are deleted' : '⚠️ the files stay'
  if (mode === 'stored') return files
  return `${disableAfterJob ? 'the certificate is disabled' : '⚠️ the certificate stays enabled'}, ${files}`
}
