import { accessSync, appendFileSync, constants } from 'node:fs'
import { warning } from '@actions/core'
import { utcMinute } from '../dates.ts'
import type { ActionError, ErrorCode } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import type { CleanupRequest } from '../operations/cleanup.ts'
import type { Delivered } from '../operations/deliver.ts'
import { FALLBACK } from '../operations/fallback.ts'
import { describeSigner } from '../operations/preflight/preflight.ts'
import type { InstalledSmctl } from '../smctl/install.ts'
import { describeRemaining } from '../x509/validity.ts'
import { text } from './fields.ts'
import { code, details, escapeMarkdown, paragraphs, prose, table } from './markdown.ts'
import { toActionError, troubleshootingUrl } from './report.ts'

/** The job summary of the root action: four rows, and what few will look for folded below them. */
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
      'Valid until',
      `**${utcMinute(facts.notAfter)}** (${escapeMarkdown(left)} left)${delivered.expiring ? ' ⚠️ expires soon' : ''}`,
    ],
    ['User and host', `${forWhom(delivered)}<br>${verification(delivered)}`],
    ['Can sign with', signingWith(delivered, now)],
    ['At the end of the job', ending(delivered, atJobEnd)],
  ]
  return [
    `### 🔐 ${title}`,
    '',
    table(rows),
    '',
    details('Nickname, ids and issuer', identifiers(delivered, smctl)),
    '',
    '',
  ].join('\n')
}

/** What DigiCert ONE's pages and its support know the certificate by. */
function identifiers({ name, certificateId, facts }: Delivered, smctl?: InstalledSmctl): [string, string][] {
  const rows: [string, string][] = [
    ['Nickname', name],
    ['Subject', facts.subject],
    ['Serial number', facts.serialNumber],
    ['DigiCert id', certificateId],
    ['Issuer', facts.issuer],
  ]
  const known = rows
    .filter(([, value]) => value !== '')
    .map(([title, value]): [string, string] => [title, code(value)])
  if (smctl === undefined) return known
  return [...known, ['smctl', `${code(smctl.path)}<br>✅ verified, SHA-256 ${code(smctl.digest)}`]]
}

/** Above everything else: the same words as the warning. */
export function renderFallback(unusable: ActionError, env: NodeJS.ProcessEnv): string {
  const title = `### ⚠️ Stored P12 not used: ${unusable.code}`
  return [title, '', FALLBACK, '', ...explanation(unusable, env), '', ''].join('\n')
}

/** What a failed step leaves in the summary: the same words as its annotation. */
export function renderFailure(error: ActionError, env: NodeJS.ProcessEnv): string {
  return [`### ❌ Client certificate: ${error.code}`, '', ...explanation(error, env), '', ''].join('\n')
}

/** All three parts of an error, as lines of Markdown, and where there is more. */
export function explanation(error: ActionError, env: NodeJS.ProcessEnv): string[] {
  return [...paragraphs(error.message), ...remedy(error, env)]
}

/** What follows what happened: why, what to do, and where there is more. */
export function remedy(
  { code, why, fix }: Pick<ActionError, 'code' | 'why' | 'fix'>,
  env: NodeJS.ProcessEnv,
): string[] {
  return [
    ...(why === undefined ? [] : [`- **Likely cause:** ${prose(why)}`]),
    `- **Fix:** ${prose(fix)}`,
    `- **More:** ${helpLink(code, env)}`,
  ]
}

/**
 * Where the section on an error is: GitHub makes a link of it, but for the path alone, which is what is known of an
 * action without a repository.
 */
export function helpLink(code: ErrorCode, env: NodeJS.ProcessEnv): string {
  return encodeURI(troubleshootingUrl(code, env)).replaceAll('(', '%28').replaceAll(')', '%29')
}

/** The same behind the code alone, for where there are many. */
export function namedLink(code: ErrorCode, env: NodeJS.ProcessEnv): string {
  const link = helpLink(code, env)
  return link.includes('://') ? `[${code}](${link})` : link
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
    if (wantsSummary(env)) writeSummary(renderFailure(toActionError(error), env), env)
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
  return `${escapeMarkdown(user.name) || code(user.id)} at ${host}`
}

function verification({ verified, permissions }: Delivered): string {
  const allowed = permissions.length === 0 ? '' : `, has ${permissions.map(code).join(', ')}`
  return verified ? `✅ verified over mTLS${allowed}` : `⚪ not verified (\`verify: false\`)${allowed}`
}

function signingWith({ signing }: Delivered, now: Date): string {
  if (signing === undefined) return '⚪ not verified: no `keypair-alias` is set'
  const { keypairAlias, certificateAlias, certificate } = signing
  const expires = certificate?.expiring ? ' ⚠️ expires soon' : ''
  const signer = certificate === undefined ? '' : `<br>${escapeMarkdown(describeSigner(certificate, now))}`
  return `✅ ${code(keypairAlias || certificateAlias)}${signer}${expires}`
}

function ending({ mode }: Delivered, { cleanup, disableAfterJob }: CleanupRequest): string {
  const files = cleanup ? 'the files are deleted' : '⚠️ the files stay'
  if (mode === 'stored') return files
  return `${disableAfterJob ? 'the certificate is disabled' : '⚠️ the certificate stays enabled'}, ${files}`
}
