/** More than any list has; what comes after them is taken for new. */
const MOST = 4_000_000
/** Each grows by itself, so that little is there twice at a time. */
const PARTS = 64
const FIRST_SLOTS = 16

/**
 * Which ids were seen, in 11 to 21 bytes each: 63 bits of a hash. That two of a million share them has a chance of 1 in
 * 18 million.
 */
export class IdSet {
  #parts = Array.from({ length: PARTS }, () => new Part())
  #size = 0

  get size(): number {
    return this.#size
  }

  /** @returns whether it is new */
  add(id: string): boolean {
    return this.#put(...hash(id))
  }

  has(id: string): boolean {
    const [high, low] = hash(id)
    return this.#partOf(high)?.has(high, low) ?? false
  }

  /** All of `other` as well, which is not used any more. */
  absorb(other: IdSet): void {
    if (this.#size === 0) {
      this.#parts = other.#parts
      this.#size = other.#size
      return
    }
    for (const part of other.#parts) part.each((high, low) => this.#put(high, low))
  }

  #put(high: number, low: number): boolean {
    const part = this.#partOf(high)
    if (this.#size === MOST) return part?.has(high, low) !== true
    const isNew = part?.put(high, low) === true
    if (isNew) this.#size += 1
    return isNew
  }

  #partOf(high: number): Part | undefined {
    return this.#parts[high % PARTS]
  }
}

/** A table of pairs of numbers, the second of which is never 0. */
class Part {
  #slots = new Uint32Array(2 * FIRST_SLOTS)
  #size = 0

  has(high: number, low: number): boolean {
    return this.#isAt(this.#find(high, low))
  }

  /** @returns whether it is new */
  put(high: number, low: number): boolean {
    const at = this.#find(high, low)
    if (this.#isAt(at)) return false
    this.#slots[at] = high
    this.#slots[at + 1] = low
    this.#size += 1
    if (this.#size * 8 > this.#slots.length * 3) this.#grow()
    return true
  }

  each(act: (high: number, low: number) => void): void {
    const slots = this.#slots
    for (let at = 0; at < slots.length; at += 2) {
      const low = slots[at + 1] ?? 0
      if (low !== 0) act(slots[at] ?? 0, low)
    }
  }

  #grow(): void {
    const before = new Part()
    before.#slots = this.#slots
    this.#slots = new Uint32Array(2 * before.#slots.length)
    this.#size = 0
    before.each((high, low) => this.put(high, low))
    // Freed at once, where Node can: the garbage collector does not see how large it is.
    const { buffer } = before.#slots as { buffer: ArrayBuffer & { transfer?(length: number): unknown } }
    buffer.transfer?.(0)
  }

  /** Its place, or the free one where it belongs. */
  #find(high: number, low: number): number {
    const mask = this.#slots.length - 1
    for (let at = (Math.floor(high / PARTS) * 2) & mask; ; at = (at + 2) & mask) {
      if (!this.#isAt(at) || (this.#slots[at] === high && this.#slots[at + 1] === low)) return at
    }
  }

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
