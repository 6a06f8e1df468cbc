import type { ServiceUser } from './users.ts'
import { primaryAccountId } from './users.ts'

/** One client certificate as DigiCert ONE stores it. Live: changing a field changes what the API says. */
export interface CertificateRecord {
  id: string
  userId: string
  /** DigiCert's nickname */
  name: string
  commonName: string
  /** empty for bulk records, which exist in the list only */
  certificatePem: string
  startDate: Date
  endDate: Date
  enabled: boolean
  /** hex, upper case, no separators or leading zeros; `settings.serialFormat` says how it is written on the wire */
  serialNumber: string
  /** SubjectPublicKeyInfo, DER, base64 */
  publicKey: string
  /** SHA-256 over the DER, upper-case hex with colons; how a client certificate is recognized. Empty for bulk records */
  fingerprint256: string
}

export class Store {
  readonly users: ServiceUser[] = []
  readonly certificates: CertificateRecord[] = []
  readonly #reserved = new Set<string>()

  userByKey(apiKey: string): ServiceUser | undefined {
    return this.users.find(user => user.apiKey === apiKey)
  }

  userById(id: string): ServiceUser | undefined {
    return this.users.find(user => user.id === id)
  }

  certificatesOf(user: ServiceUser): CertificateRecord[] {
    return this.certificates.filter(record => record.userId === user.id)
  }

  certificateOf(user: ServiceUser, id: string): CertificateRecord | undefined {
    return this.certificates.find(record => record.id === id && record.userId === user.id)
  }

  certificateByFingerprint(fingerprint256: string): CertificateRecord | undefined {
    return this.certificates.find(record => record.fingerprint256 === fingerprint256)
  }

  /** Nicknames are unique within an account, across all its users. */
  nicknameTaken(user: ServiceUser, name: string, counts: (record: CertificateRecord) => boolean): boolean {
    const account = primaryAccountId(user)
    return (
      this.#reserved.has(`${account} ${name}`) ||
      this.certificates.some(
        record => record.name === name && counts(record) && this.#accountOf(record) === account,
      )
    )
  }

  /** Signing is asynchronous: without this, two concurrent requests could both find a nickname free. */
  async whileReserved<T>(user: ServiceUser, name: string, work: () => Promise<T>): Promise<T> {
    const key = `${primaryAccountId(user)} ${name}`
    this.#reserved.add(key)
    try {
      return await work()
    } finally {
      this.#reserved.delete(key)
    }
  }

  #accountOf(record: CertificateRecord): string {
    const owner = this.userById(record.userId)
    return owner === undefined ? '' : primaryAccountId(owner)
  }
}
