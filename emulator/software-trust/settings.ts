import type { ErrorShape } from '../answers.ts'

/**
 * How Software Trust behaves where no public page says it, or where a test needs it. Every field may be changed while
 * the emulator runs; the next request sees it. Failures (down, slow, silent) are faults, as for every other request.
 */
export interface SoftwareTrustSettings {
  /** shape of its error bodies, including those of faults; default `status` */
  errorShape: ErrorShape
  /** an account without Software Trust: what every request with a valid API key gets; default null, the account has it */
  absent: Absent | null
  /** what reading requires on the API host. The mTLS host always requires both, and so does signing; default `key` */
  reading: 'key' | 'key-and-certificate'
  /** a valid certificate with the API key of another user; if accepted, the key decides who it is; default `refuse` */
  otherUsersCertificate: 'refuse' | 'accept'
  /**
   * How `?alias=` is matched. `substring` ignores case as well, `ignored` lists everything. `?id=` and
   * `?certificate_status=` are always exact. Default `exact`
   */
  aliasFilter: 'exact' | 'case-insensitive' | 'substring' | 'ignored'
  /** entries on a page when the request names no limit; default 20 */
  pageSize: number
  /** a larger `limit` is lowered to this, and the response says so; default 100 */
  maximumPageSize: number
  /** whether a user sees keypairs that are limited to others, and their certificates; default `shown` */
  limitedKeypairs: 'shown' | 'hidden'
  /** `users` of a limited keypair; default `listed` */
  keypairUsers: 'listed' | 'empty' | 'absent'
  /** `certificates` of a keypair: as in the list of certificates, `id` and `alias` alone, or no such field; default `full` */
  keypairCertificates: 'full' | 'brief' | 'absent'
  /** whether a keypair says `is_signable_by_me`; default `sent` */
  signableByMe: 'sent' | 'absent'
  /** added to every keypair and certificate on the wire: undocumented fields */
  extraFields: Record<string, unknown>
}

export interface Absent {
  status: 403 | 404
  /** an API error, or a web server's page */
  body: 'json' | 'html'
}

export const defaultSoftwareTrustSettings: Readonly<SoftwareTrustSettings> = {
  errorShape: 'status',
  absent: null,
  reading: 'key',
  otherUsersCertificate: 'refuse',
  aliasFilter: 'exact',
  pageSize: 20,
  maximumPageSize: 100,
  limitedKeypairs: 'shown',
  keypairUsers: 'listed',
  keypairCertificates: 'full',
  signableByMe: 'sent',
  extraFields: {},
}
