import type { ActionError } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import type { ExchangeError, HttpResponse } from '../net/endpoint.ts'
import { isBrokenOff, isCertificateAlert, nativeCode } from '../net/native-codes.ts'
import { Again } from '../net/retry.ts'
import { explainBrokenOff } from './errors.ts'
import { isNoVerdict } from './front-ends.ts'
import type { Exceptions } from './json-endpoint.ts'

/** The clientauth host does not accept the client certificate; the message says how it put that. */
export class CertificateRefused extends Error {
  override readonly name = 'CertificateRefused'

  constructor(answer: string, cause: unknown) {
    super(answer, { cause })
  }
}

/** The API says 403, or 401 for an expired one; nginx before it says 400, or its own 495 and 496. */
const CERTIFICATE_REFUSALS = [400, 401, 403, 495, 496]

/** The ways in which the clientauth host refuses a certificate: by a response, a TLS alert, or without a reason. */
export const certificateRefusals: Exceptions = {
  ofAnswer(response: HttpResponse, reason: ActionError) {
    if (!CERTIFICATE_REFUSALS.includes(response.status) || isNoVerdict(response)) return undefined
    return new CertificateRefused(reason.message, reason)
  },
  ofFailure(error: ExchangeError, origin: string) {
    const host = hostOf(origin)
    if (isCertificateAlert(error)) {
      return new CertificateRefused(`${host} refused it in the TLS handshake (${nativeCode(error)}).`, error)
    }
    return isBrokenOff(error) ? new Again(explainBrokenOff(host, error)) : undefined
  },
}
