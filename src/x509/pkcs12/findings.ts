/** What opening a file teaches about it: how it is protected, and what stands in the way of other readers. */
import type { PasswordForm } from './password.ts'

/** Whether OpenSSL 3.0 without -legacy, and curl, could read the file with the same password as it is; why not. */
export interface Portability {
  openssl3: boolean
  reasons: string[]
}

export class Findings {
  readonly #algorithms = new Set<string>()
  readonly #obstacles = new Set<string>()
  readonly #emptyForms = new Set<string>()

  /** A protection that was undone, and the form of the password that did it. */
  undone(what: string, { label, obstacle }: { label: string; obstacle?: string }, form: PasswordForm): void {
    this.#algorithms.add(`${what}: ${label}`)
    if (obstacle !== undefined) this.obstacle(obstacle)
    if (!form.usual) this.obstacle('the password was encoded in a way that OpenSSL does not use')
    if (form.empty !== undefined) this.#emptyForms.add(form.empty)
    // OpenSSL settles on one of the two by the MAC and keeps to it.
    if (this.#emptyForms.size > 1) this.obstacle('the empty password was encoded in two ways')
  }

  obstacle(reason: string): void {
    this.#obstacles.add(reason)
  }

  get algorithms(): string[] {
    return [...this.#algorithms]
  }

  get portability(): Portability {
    return { openssl3: this.#obstacles.size === 0, reasons: [...this.#obstacles] }
  }
}
