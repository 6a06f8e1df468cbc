import { X509Certificate } from 'node:crypto'
import { DAY, isoSeconds } from './clock.ts'
import type { Entries } from './paging.ts'
import type { ServiceUser } from './users.ts'
import type { World } from './world.ts'

const HOUR = 3_600_000
/** The size of a record, most of it its certificate with the issuers. */
const RECORD_BYTES = 3_000

/**
 * What years of jobs have left in a list, after what the store has: this many certificates, each disabled, made when
 * they are sent and never kept. The ids are `history-0`, `history-1`, …
 */
export function withHistory(
  known: Entries,
  { authority, clock, settings }: World,
  user: ServiceUser,
): Entries {
  const pem = authority.certificatePem
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const now = clock.now().getTime()
  const certificates = JSON.stringify(pem.repeat(Math.ceil((RECORD_BYTES - 700) / pem.length)))
  const text = (index: number) => {
    const ended = now - (index + 24) * HOUR
    return `{"id":"history-${index}","user_id":"${user.id}","name":"octo-hello-${1_000_000 + index}-1-abcdefghij","common_name":"octo-hello","enabled":false,"start_date":"${isoSeconds(new Date(ended - DAY))}","end_date":"${isoSeconds(new Date(ended))}","serial_number":"${index.toString(16).toUpperCase().padStart(32, 'F')}","public_key":"${key}","x509_cert":${certificates}}`
  }
  return {
    length: known.length + settings.history,
    isLong: true,
    *between(start, end) {
      yield* known.between(start, Math.min(end, known.length))
      for (let at = Math.max(start, known.length); at < end; at++) yield text(at - known.length)
    },
  }
}
