import type { SweepPorts } from './types.ts'

const EVERY = 100
const EVERY_MS = 10_000
/** Fewer are done before anybody wonders how far they are. */
const FEWEST = 20

/** Says now and then how far many changes are. */
export class Progress {
  readonly #total: number
  readonly #verb: string
  readonly #ports: SweepPorts
  #done = 0
  #toldAt: number

  constructor(total: number, enabled: boolean, ports: SweepPorts) {
    this.#total = total
    this.#verb = enabled ? 'Enabling' : 'Disabling'
    this.#ports = ports
    this.#toldAt = this.#now()
    if (total > FEWEST) ports.log.info(`${this.#verb} ${total} certificates.`)
  }

  step(): void {
    this.#done++
    if (this.#total <= FEWEST) return
    const isDue = this.#done % EVERY === 0 || this.#now() - this.#toldAt >= EVERY_MS
    if (!isDue && this.#done < this.#total) return
    this.#toldAt = this.#now()
    this.#ports.log.info(`${this.#verb}: ${this.#done} of ${this.#total} requested.`)
  }

  #now(): number {
    return this.#ports.clock.now().getTime()
  }
}
