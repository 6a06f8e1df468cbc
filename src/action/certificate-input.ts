import { ActionError } from '../errors.ts'
import type { IssueRequest } from '../operations/issue.ts'
import type { KeySize } from '../x509/key.ts'
import { parseSubject } from '../x509/subject.ts'
import { choice, duration, text } from './fields.ts'

const LONGEST_VALIDITY = 397 * 86_400

/**
 * What a new certificate should be: `subject`, `validity`, `key-size`.
 * @throws ActionError INPUT_INVALID
 */
export function readCertificate(
  env: NodeJS.ProcessEnv,
  defaultValidity: string,
): Pick<IssueRequest, 'subject' | 'validitySeconds' | 'keySize'> {
  return {
    subject: text(env, 'subject') === '' ? undefined : parseSubject(text(env, 'subject')),
    validitySeconds: readValidity(env, defaultValidity),
    keySize: Number(choice(env, 'key-size', ['2048', '3072', '4096'])) as KeySize,
  }
}

function readValidity(env: NodeJS.ProcessEnv, fallback: string): number {
  const seconds = duration(env, 'validity', fallback)
  if (seconds === 0 || seconds > LONGEST_VALIDITY) {
    throw new ActionError('INPUT_INVALID', {
      what: `The input 'validity' is ${seconds === 0 ? 'zero' : 'longer than 397 days, the most that DigiCert ONE allows'}.`,
      fix: 'Write a validity of at most 397d; for one job 1d is plenty.',
    })
  }
  return seconds
}
