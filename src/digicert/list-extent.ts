import type { Clock } from '../ports.ts'
import { endlessList } from './errors.ts'

const MIB = 1024 * 1024
/** One page: room for some 15,000 certificates with their chains. */
export const MAX_PAGE_BYTES = 32 * MIB

const MOST_PAGES = 1_000
const MOST_CERTIFICATES = 30_000
const MOST_CHARACTERS = 64 * MIB
const LONGEST_MS = 10 * 60_000

/** How far a list has been followed; a server decides what comes next, and not for how long. */
export class ListExtent {
  readonly #origin: string
  readonly #clock: Clock
  readonly #begun: number
  #pages = 0
  #characters = 0

  constructor(origin: string, clock: Clock) {
    this.#origin = origin
    this.#clock = clock
    this.#begun = clock.now().getTime()
  }

  /**
   * Another page follows.
   * @param characters of the page before it
   * @param certificates of all pages so far
   * @throws ActionError RESPONSE_INVALID
   */
  goOn(characters: number, certificates: number): void {
    this.#pages += 1
    this.#characters += characters
    const took = this.#clock.now().getTime() - this.#begun
    const limits: [isReached: boolean, problem: string][] = [
      [certificates >= MOST_CERTIFICATES, 'has more than 30,000 certificates'],
      [this.#pages >= MOST_PAGES, 'has more than 1,000 pages'],
      [this.#characters >= MOST_CHARACTERS, 'has more than 64 MiB'],
      [took >= LONGEST_MS, 'is not complete after 10 minutes'],
    ]
    const [, problem] = limits.find(([isReached]) => isReached) ?? []
    if (problem !== undefined) throw endlessList(problem, this.#origin)
  }
}
