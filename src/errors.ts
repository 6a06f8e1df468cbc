/** What keeps a request from its server, whatever the request is about. */
export const NETWORK_CODES = [
  'HOST_NOT_FOUND',
  'CONNECTION_FAILED',
  'TIMEOUT',
  'PROXY_REFUSED',
  'TLS_UNTRUSTED',
  'TLS_NAME_MISMATCH',
  'TLS_SERVER_EXPIRED',
  'TLS_FAILED',
] as const

/**
 * Every way this action can fail, by a name that never changes: users search for it, `docs/troubleshooting.md`
 * has a heading for each, and a test keeps the two lists equal.
 */
export const ERROR_CODES = [
  // inputs and runner
  'INPUT_MISSING',
  'INPUT_INVALID',
  'INPUT_CONFLICT',
  'RUNNER_ENVIRONMENT',
  'FILE_READ',
  'FILE_WRITE',
  // the stored P12
  'P12_ENCODING',
  'P12_MALFORMED',
  'P12_PASSWORD',
  'P12_UNSUPPORTED',
  'P12_LIMIT',
  'P12_NO_KEY',
  'P12_NO_CERTIFICATE',
  'P12_KEY_MISMATCH',
  // the certificate
  'CERT_EXPIRED',
  'CERT_EXPIRING',
  'CERT_NOT_YET_VALID',
  'CERT_DISABLED',
  'CERT_UNKNOWN',
  'CERT_REFUSED',
  'CERT_KEY_MISMATCH',
  'CERT_AMBIGUOUS',
  'NOTHING_CHECKED',
  'ACCESS_NOT_EFFECTIVE',
  // what later steps sign with
  'KEYPAIR_UNKNOWN',
  'KEYPAIR_NOT_ALLOWED',
  'KEYPAIR_NO_CERTIFICATE',
  'SIGNING_CERT_UNKNOWN',
  'SIGNING_CERT_EXPIRED',
  'SIGNING_CERT_EXPIRING',
  'SIGNING_CERT_REVOKED',
  'SIGNING_REFUSED',
  'SIGNING_UNAVAILABLE',
  // the service user and the API
  'API_KEY_INVALID',
  'ACCESS_DENIED',
  'USER_INACTIVE',
  'USERS_DIFFER',
  'PERMISSION_MISSING',
  'REQUEST_REFUSED',
  'NOT_FOUND',
  'RATE_LIMITED',
  'SERVER_ERROR',
  'RESPONSE_INVALID',
  'WRONG_HOST',
  ...NETWORK_CODES,
  // rotation: GitHub's secrets, and the change itself
  'GITHUB_TOKEN_INVALID',
  'GITHUB_PERMISSION',
  'GITHUB_NOT_FOUND',
  'GITHUB_REFUSED',
  'GITHUB_REDIRECTED',
  'GITHUB_ERROR',
  'TARGETS_FAILED',
  'ROTATION_UNDONE',
  'ROTATION_OVERLAP',
  // smctl
  'SMCTL_UNSUPPORTED',
  'SMCTL_DOWNLOAD',
  'SMCTL_CHECKSUM',
  'SMCTL_UNPACK',
  // the rest
  'CANCELLED',
  'INTERNAL',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** What a failure tells a person, in the order it is read: what happened, why it usually happens, what to do. */
export interface ErrorWords {
  what: string
  /** The likely cause; left out where `what` leaves no doubt. Where two causes look alike, it names both, the likelier first. */
  why?: string | undefined
  fix: string
}

/** The only error that domain code throws. `cause` is the native error, shown in debug logging alone. */
export class ActionError extends Error {
  override readonly name = 'ActionError'
  readonly code: ErrorCode
  readonly why: string | undefined
  readonly fix: string

  constructor(code: ErrorCode, words: ErrorWords, cause?: unknown) {
    super(words.what, cause === undefined ? undefined : { cause })
    this.code = code
    this.why = words.why
    this.fix = words.fix
  }

  /** A part that is loaded on demand (`src/parts/`) has a class of its own; its errors count here as well. */
  static override [Symbol.hasInstance](value: unknown): value is ActionError {
    return value instanceof Error && value.name === 'ActionError' && 'code' in value
  }
}

/** True for an ActionError of one of these codes. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): boolean {
  return error instanceof ActionError && codes.includes(error.code)
}
