/** The time that a request may take. For a long response it starts over with each part. */
export class Deadline {
  readonly #ms: number
  #signal: AbortSignal
  #act: (reason: unknown) => void = () => undefined

  constructor(ms: number) {
    this.#ms = ms
    this.#signal = AbortSignal.timeout(ms)
  }

  /** The error once it has passed; undefined before that. */
  get reason(): unknown {
    return this.#signal.reason
  }

  throwIfPassed(): void {
    this.#signal.throwIfAborted()
  }

  onPass(act: (reason: unknown) => void): void {
    this.#act = act
    this.#watch()
  }

  extend(): void {
    this.#signal = AbortSignal.timeout(this.#ms)
    this.#watch()
  }

  #watch(): void {
    const signal = this.#signal
    const pass = () => {
      if (signal === this.#signal) this.#act(signal.reason)
    }
    signal.addEventListener('abort', pass, { once: true })
  }
}
