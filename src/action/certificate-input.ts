import type { IssueRequest } from '../operations/issue.ts'
import type { KeySize } from '../x509/key.ts'
import { parseSubject } from '../x509/subject.ts'
import { choice, duration, invalid, text } from './fields.ts'

const LONGEST_VALIDITY = 397 * 86_400

/**
 * What a new certificate shall be: `subject`, `validity`, `key-size`.
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
    throw invalid(
      'validity',
      seconds === 0 ? 'is zero' : 'is longer than 397 days',
      'DigiCert ONE issues client certificates for at most 397d; for one job 1d is plenty.',
    )
  }
  return seconds
}
