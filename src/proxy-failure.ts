import type { ErrorWords } from './errors.ts'

/** A proxy that opened no tunnel; the message says what it did instead, as the end of a sentence. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure'
  readonly code = 'ERR_PROXY_FAILED'
  readonly why: string
  readonly fix: string

  constructor(message: string, { why, fix }: Pick<ErrorWords, 'why' | 'fix'>, cause?: unknown) {
    super(message, { cause })
    this.why = why
    this.fix = fix
  }
}

/** The same words for every host that was to be reached through the proxy. */
export function explainProxy({ message, why, fix }: ProxyFailure, host: string): ErrorWords {
  return { what: `The proxy opened no connection to ${host}: ${message}.`, why, fix }
}
