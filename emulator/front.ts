import type { CertificateRecord } from './store.ts'

/** What the mTLS host knows of a certificate. */
export type Known = 'absent' | 'enabled' | 'disabled'

/**
 * What the mTLS host still believes. It is a different system from the account service, which lists, enables and
 * disables, and learns of each change later: how much later is `settings.delays`.
 */
export class Front {
  readonly #beliefs = new Map<string, { known: Known; until: number }>()

  /** To be called before `record` is changed: for `delay` milliseconds, the mTLS host continues as before. */
  lag(record: CertificateRecord, known: Known, now: Date, delay: number): void {
    if (delay > 0) this.#beliefs.set(record.id, { known, until: now.getTime() + delay })
    else this.#beliefs.delete(record.id)
  }

  knows({ id, enabled }: CertificateRecord, now: Date): Known {
    const belief = this.#beliefs.get(id)
    if (belief !== undefined && now.getTime() < belief.until) return belief.known
    return enabled ? 'enabled' : 'disabled'
  }

  clear(): void {
    this.#beliefs.clear()
  }
}
