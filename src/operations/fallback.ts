/** When a failure means that a stored P12 is of no use, so that a certificate may be issued in its place. */
import { ActionError, type ErrorCode } from '../errors.ts'
import { meaningOf, nativeCode } from '../net/native-codes.ts'

/** What was being done with the stored P12: its input was read, or it was opened and verified. */
export type Stage = 'reading' | 'using'

/**
 * `reading`: later on, the code is about something else. `presenting`: only where this runner's TLS library refuses to
 * present the certificate. Anything about the API key, the network or what later steps sign with is `never` a
 * reason: a new certificate would fail as well, or hide what has to be fixed. So is CERT_REFUSED, which means
 * that nothing was found wrong with the certificate itself.
 */
type Reason = 'always' | 'reading' | 'presenting' | 'never'

export const REASONS: Record<ErrorCode, Reason> = {
  INPUT_MISSING: 'reading',
  INPUT_INVALID: 'never',
  INPUT_CONFLICT: 'never',
  RUNNER_ENVIRONMENT: 'never',
  FILE_READ: 'reading',
  FILE_WRITE: 'never',
  P12_ENCODING: 'always',
  P12_MALFORMED: 'always',
  P12_PASSWORD: 'always',
  P12_UNSUPPORTED: 'always',
  P12_LIMIT: 'always',
  P12_NO_KEY: 'always',
  P12_NO_CERTIFICATE: 'always',
  P12_KEY_MISMATCH: 'always',
  CERT_EXPIRED: 'always',
  CERT_EXPIRING: 'always',
  CERT_NOT_YET_VALID: 'always',
  CERT_DISABLED: 'always',
  CERT_UNKNOWN: 'always',
  CERT_REFUSED: 'never',
  CERT_KEY_MISMATCH: 'never',
  CERT_AMBIGUOUS: 'never',
  NOTHING_CHECKED: 'never',
  ACCESS_NOT_EFFECTIVE: 'never',
  KEYPAIR_UNKNOWN: 'never',
  KEYPAIR_NOT_ALLOWED: 'never',
  KEYPAIR_NO_CERTIFICATE: 'never',
  SIGNING_CERT_UNKNOWN: 'never',
  SIGNING_CERT_EXPIRED: 'never',
  SIGNING_CERT_EXPIRING: 'never',
  SIGNING_CERT_REVOKED: 'never',
  SIGNING_REFUSED: 'never',
  SIGNING_UNAVAILABLE: 'never',
  API_KEY_INVALID: 'never',
  ACCESS_DENIED: 'never',
  USER_INACTIVE: 'never',
  USERS_DIFFER: 'never',
  PERMISSION_MISSING: 'never',
  REQUEST_REFUSED: 'never',
  NOT_FOUND: 'never',
  RATE_LIMITED: 'never',
  SERVER_ERROR: 'never',
  RESPONSE_INVALID: 'never',
  WRONG_HOST: 'never',
  HOST_NOT_FOUND: 'never',
  CONNECTION_FAILED: 'never',
  TIMEOUT: 'never',
  PROXY_REFUSED: 'never',
  TLS_UNTRUSTED: 'never',
  TLS_NAME_MISMATCH: 'never',
  TLS_SERVER_EXPIRED: 'never',
  TLS_FAILED: 'presenting',
  GITHUB_TOKEN_INVALID: 'never',
  GITHUB_PERMISSION: 'never',
  GITHUB_NOT_FOUND: 'never',
  GITHUB_REFUSED: 'never',
  GITHUB_REDIRECTED: 'never',
  GITHUB_ERROR: 'never',
  TARGETS_FAILED: 'never',
  ROTATION_UNDONE: 'never',
  ROTATION_OVERLAP: 'never',
  SMCTL_UNSUPPORTED: 'never',
  SMCTL_DOWNLOAD: 'never',
  SMCTL_CHECKSUM: 'never',
  SMCTL_UNPACK: 'never',
  CANCELLED: 'never',
  INTERNAL: 'never',
}

/** True when this failure of a stored P12 is one that a certificate issued in its place does not have. */
export function makesUnusable(error: unknown, stage: Stage): error is ActionError {
  if (!(error instanceof ActionError)) return false
  const reason = REASONS[error.code]
  if (reason === 'presenting') return stage === 'using' && isOwnCertificate(error)
  return reason === 'always' || reason === stage
}

/** The native error says whose certificate it is about; a failed preflight has another error around it. */
function isOwnCertificate({ cause }: ActionError): boolean {
  return meaningOf(nativeCode(cause)).remedy === 'certificate'
}

/** What is said about the fallback, before the reason. */
export const FALLBACK =
  'The stored P12 cannot be used, so this step issues a certificate for this job instead.'

/** Neither the stored P12 nor one in its place: either of the two fixes is enough. */
export function failedInstead(unusable: ActionError, error: ActionError): ActionError {
  return new ActionError(
    error.code,
    {
      what: `The stored P12 cannot be used (${unusable.code}): ${unusable.message} Issuing a certificate for this job instead failed: ${error.message}`,
      why: error.why,
      fix: `${error.fix} Or make the stored P12 usable: ${unusable.fix}`,
    },
    error,
  )
}
