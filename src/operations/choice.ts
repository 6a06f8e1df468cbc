import type { X509Certificate } from 'node:crypto'
import type { Log } from '../ports.ts'
import { describeCertificate } from '../x509/certificate.ts'
import type { Pkcs12 } from '../x509/pkcs12.ts'

const MOST_NAMED = 5

/** Says which certificate of a P12 is used, where there was a choice, and why none of the others is. */
export function tellChoice(
  { certificate, friendlyName, passedOver }: Pick<Pkcs12, 'certificate' | 'friendlyName' | 'passedOver'>,
  log: Log,
): void {
  if (passedOver.length === 0) return
  const named = passedOver
    .slice(0, MOST_NAMED)
    .map(other => `${nameOf(other)} ${other.why}`)
    .concat(passedOver.length > MOST_NAMED ? [`and ${passedOver.length - MOST_NAMED} more`] : [])
  log.info(
    `The P12 contains ${passedOver.length + 1} certificates with a private key. Using ${nameOf({ certificate, friendlyName })}. Passed over: ${named.join('; ')}.`,
  )
}

function nameOf({
  certificate,
  friendlyName,
}: {
  certificate: X509Certificate
  friendlyName?: string | undefined
}): string {
  const { subject, serialNumber } = describeCertificate(certificate)
  return `${friendlyName === undefined ? subject : `"${friendlyName}"`} (serial number ${serialNumber})`
}
