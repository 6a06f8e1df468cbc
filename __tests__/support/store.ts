// Where a user keeps the P12 that a workflow uses, and what happens to it there: a step that stores it may fail, and a
// store may forget a version, or return it late.
interface Version {
  p12: Buffer
  /** Milliseconds of the world's clock. */
  visibleAt: number
}

export class Store {
  /** A write fails, and with it the step. */
  fails = false
  /** Milliseconds after which a write can be read. */
  delay = 0
  slowest = 0
  #versions: Version[] = []

  begin(p12: Buffer): void {
    Object.assign(this, { fails: false, delay: 0, slowest: 0 })
    this.#versions = [{ p12, visibleAt: 0 }]
  }

  /** The newest visible version: a late one does not undo a later write. */
  read(now: Date): Buffer {
    const found = this.#versions.findLast(({ visibleAt }) => visibleAt <= now.getTime())
    if (found === undefined) throw new Error('the store is empty')
    return found.p12
  }

  write(p12: Buffer, now: Date): void {
    if (this.fails) throw new Error('the step that stores the P12 failed')
    this.slowest = Math.max(this.slowest, this.delay)
    this.#versions.push({ p12, visibleAt: this.delay === 0 ? 0 : now.getTime() + this.delay })
  }

  /** The newest visible version is lost, unless it is the only one. */
  forget(now: Date): void {
    const lost = this.read(now)
    if (this.#versions.some(({ p12, visibleAt }) => p12 !== lost && visibleAt <= now.getTime()))
      this.#versions = this.#versions.filter(({ p12 }) => p12 !== lost)
  }

  /** From now on, it keeps every write, and returns it at once. */
  repair(): void {
    Object.assign(this, { fails: false, delay: 0 })
    for (const version of this.#versions) version.visibleAt = 0
  }
}
