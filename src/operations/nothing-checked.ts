import { ActionError, type ErrorWords } from '../errors.ts'
import { clean, counted } from '../text.ts'
import { type Inspected, isLeftover, type Verdict } from './inspect.ts'
import type { Sought, Tally } from './tally.ts'

/** What to do when nothing was checked. */
export type IfNoneFound = 'error' | 'warn' | 'ignore'

/** Nothing was checked: what that means for the run, and why. */
export interface NothingChecked {
  verdict: Verdict
  error: ActionError
}

export interface SoughtOrElse extends Sought {
  ifNoneFound: IfNoneFound
}

const VERDICTS: Record<IfNoneFound, Verdict> = { error: 'fail', warn: 'warn', ignore: 'fine' }
const IGNORE = "set 'if-none-found: ignore'."

/**
 * Undefined when something was checked, so that green means that. What issue mode left behind, short-lived and
 * expired, is listed forever and would keep a check green that has nothing else to check.
 */
export function findNothing(
  certificates: Inspected[],
  tally: Tally,
  sought: SoughtOrElse,
): NothingChecked | undefined {
  if (!certificates.every(isLeftover)) return undefined
  return {
    verdict: VERDICTS[sought.ifNoneFound],
    error: new ActionError('NOTHING_CHECKED', explain(tally, sought)),
  }
}

function explain(tally: Tally, sought: Sought): ErrorWords {
  if (tally.records === 0) return NONE
  if (tally.matching === 0) {
    return {
      what: describeMismatch(tally, sought.name, 'nothing was checked'),
      why: "'name' is misspelled (it is case-sensitive and must match the whole nickname), or the successor has another nickname.",
      fix: `Correct 'name', or leave it out to check every certificate. If you expect that none matches, ${IGNORE}`,
    }
  }
  return explainUnusable(tally, sought)
}

const NONE: ErrorWords = {
  what: 'DigiCert ONE lists no client certificate for the service user of this API key, so nothing was checked.',
  why: 'The certificate belongs to another service user, account or environment, or none has been issued yet.',
  fix: `Use the API key of the service user that the certificate belongs to, and the 'host' where that user logs in. If you expect that there is none, ${IGNORE}`,
}

/** Says that no nickname matches, and which ones are most like it. `soWhat` completes the sentence. */
export function describeMismatch({ records, nearest }: Tally, glob: string, soWhat: string): string {
  const quoted = nearest.map(name => `"${clean(name, 60)}"`).join(', ')
  const like = quoted === '' ? '' : ` The nearest nicknames: ${quoted}.`
  return `This service user has ${counted(records, 'client certificate')}, but none whose nickname matches "${clean(glob, 60)}", so ${soWhat}.${like}`
}

/** All that match are of a kind that is not checked. */
function explainUnusable({ matching, disabled, undated }: Tally, { name }: Sought): ErrorWords {
  const expired = matching - disabled - undated
  const reasons = [
    { count: disabled, words: 'disabled', why: WHY_DISABLED },
    { count: expired, words: 'short-lived and expired', why: WHY_LEFT },
    { count: undated, words: 'without an expiry date', why: WHY_UNDATED },
  ]
  const byCount = reasons.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count)
  const listed = byCount.map(({ count, words }) => `${count} ${words}`).join(', ')
  const [why = ''] = byCount.map(reason => reason.why)
  const which = name === '' ? '' : ` whose nickname matches "${clean(name, 60)}"`
  return {
    what: `This service user has ${counted(matching, 'client certificate')}${which}, but none to check: ${listed}.`,
    why,
    fix: `Issue the certificate that this check is to watch, or set 'p12' to the P12 in use, which is always checked. If you expect that there is none, as where only \`mode: issue\` is used, ${IGNORE}`,
  }
}

const WHY_DISABLED =
  'The certificate in use belongs to another service user or has another nickname, or this service user has only those of `mode: issue`, which are disabled at the end of their job.'
const WHY_LEFT =
  "Their validity was shorter than 'fail-within', as that of certificates from `mode: issue` is, and nobody disabled them."
const WHY_UNDATED = 'The response of the API contains no expiry date that can be read.'
