/** What opening a file shows about it: how it is protected, and what stands in the way of other readers. */
import type { PasswordForm } from './password.ts'
import { type Obstacle, obstacleOf, READERS, type Reader } from './readers.ts'

/** A protection, and the parts of it by the names that {@link obstacleOf} knows. */
export interface Protected {
  label: string
  parts: string[]
  /** What undoing it costs with one form of the password, as limits.ts counts. */
  rounds: number
  /** How often its derivation repeats, Infinity for scrypt. */
  iterations: number
}

export class Findings {
  readonly #algorithms = new Set<string>()
  readonly #obstacles = new Map<string, Obstacle>()
  readonly #emptyForms = new Set<string>()
  #iterations = 0

  /** A protection that was undone, and the form of the password that did it. */
  undone(what: string, { label, parts, iterations }: Protected, form: PasswordForm): void {
    this.#iterations = Math.max(this.#iterations, iterations)
    this.#algorithms.add(`${what}: ${label}`)
    for (const obstacle of parts.map(obstacleOf)) {
      if (obstacle !== undefined) this.obstacle(obstacle.what, ...obstacle.readers)
    }
    if (!form.usual) this.obstacle('the password in an unusual encoding', ...READERS)
    if (form.empty !== undefined) this.#emptyForms.add(form.empty)
    // They settle on one of the two by the MAC and keep to it.
    if (this.#emptyForms.size > 1) this.obstacle('the empty password in two encodings', ...READERS)
  }

  obstacle(what: string, ...readers: Reader[]): void {
    this.#obstacles.set(what, { what, readers })
  }

  /** What some readers take in place of the certificate that is meant. */
  misread(what: string, ...readers: Reader[]): void {
    this.#obstacles.set(what, { what, readers, misread: true })
  }

  get algorithms(): string[] {
    return [...this.#algorithms]
  }

  /** The most that a part of it had. */
  get iterations(): number {
    return this.#iterations
  }

  get obstacles(): Obstacle[] {
    return [...this.#obstacles.values()]
  }
}
