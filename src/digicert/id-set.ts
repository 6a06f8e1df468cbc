/** More than any list has; what comes after them is taken for new. */
const MOST = 4_000_000
const FIRST_SLOTS = 1024

/**
 * Which ids were seen, in 16 to 32 bytes each: 63 bits of a hash. That two of a million share them has a chance of 1 in
 * 18 million.
 */
export class IdSet {
  #slots = new Uint32Array(2 * FIRST_SLOTS)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** @returns whether it is new */
  add(id: string): boolean {
    return this.#put(...hash(id))
  }

  has(id: string): boolean {
    return this.#isAt(this.#find(...hash(id)))
  }

  /** All of `other` as well, which is not used any more. */
  absorb(other: IdSet): void {
    if (this.#size === 0) {
      this.#slots = other.#slots
      this.#size = other.#size
      return
    }
    for (let at = 0; at < other.#slots.length; at += 2) {
      if (other.#isAt(at)) this.#put(other.#slots[at] ?? 0, other.#slots[at + 1] ?? 0)
    }
  }

  #put(high: number, low: number): boolean {
    const at = this.#find(high, low)
    if (this.#isAt(at)) return false
    if (this.#size === MOST) return true
    this.#slots[at] = high
    this.#slots[at + 1] = low
    this.#size += 1
    if (this.#size * 4 > this.#slots.length) this.#grow()
    return true
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Uint32Array(2 * before.length)
    this.#size = 0
    for (let at = 0; at < before.length; at += 2) {
      const low = before[at + 1] ?? 0
      if (low !== 0) this.#put(before[at] ?? 0, low)
    }
  }

  /** Its place, or the free one where it belongs. */
  #find(high: number, low: number): number {
    const mask = this.#slots.length - 1
    for (let at = (high * 2) & mask; ; at = (at + 2) & mask) {
      if (!this.#isAt(at) || (this.#slots[at] === high && this.#slots[at + 1] === low)) return at
    }
  }

  /** The lower half is never 0. */
  #isAt(at: number): boolean {
    return this.#slots[at + 1] !== 0
  }
}

/** Two hashes of 32 bits each, after MurmurHash3; unlike in their factors, so that what is alike in one is not in the other. */
function hash(text: string): [high: number, low: number] {
  let high = 0x9e3779b9
  let low = 0x7f4a7c15
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 0x9e3779b1)
    low = Math.imul(low ^ code, 0x5f356495)
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return [(high ^ (high >>> 16)) >>> 0, ((low ^ (low >>> 16)) | 1) >>> 0]
}
