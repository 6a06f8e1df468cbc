/** Node's own reader of P12s, which keeps what it finds to itself but checks a MAC at native speed. */
import { createSecureContext } from 'node:tls'
import type { PasswordForm } from './password.ts'

/**
 * Whether the MAC of `der` fits, when OpenSSL says so. It checks the MAC first; undefined when it stops at something
 * else (RC2, a lone key, a pair that does not match), which leaves the MAC unknown.
 */
export function askOpenssl(der: Buffer, form: PasswordForm): boolean | undefined {
  if (form.text === undefined) return undefined
  try {
    createSecureContext({ pfx: der, passphrase: form.text })
    return true
  } catch (error) {
    return error instanceof Error && error.message === 'mac verify failure' ? false : undefined
  }
}
