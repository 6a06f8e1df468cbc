// Timeouts that fire when a test wants: no test waits for them, and no busy machine reaches them.
type Fire = () => void

const pending = new Map<number, Set<Fire>>()
const realSetTimeout = globalThis.setTimeout
const realSignal = AbortSignal.timeout

/** From here on, timers of this many milliseconds can be fired. */
export function holdTimeouts(ms: number): void {
  pending.set(ms, new Set())
  globalThis.setTimeout = Object.assign(
    (callback: (...given: unknown[]) => void, delay?: number, ...given: unknown[]) => {
      const timer = realSetTimeout(callback, delay, ...given)
      pending.get(delay ?? 0)?.add(() => {
        // A cleared one is no longer armed.
        if ((timer as { _destroyed?: boolean })._destroyed === true) return
        clearTimeout(timer)
        callback(...given)
      })
      return timer
    },
    realSetTimeout,
  ) as typeof setTimeout
  AbortSignal.timeout = delay => {
    const held = pending.get(delay)
    if (held === undefined) return realSignal.call(AbortSignal, delay)
    const controller = new AbortController()
    held.add(() =>
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    )
    return controller.signal
  }
}

/** Fires all running timers of this many milliseconds. */
export function fireTimeouts(ms: number): void {
  const due = [...(pending.get(ms) ?? [])]
  pending.get(ms)?.clear()
  for (const fire of due) fire()
}

export function releaseTimeouts(ms: number): void {
  pending.delete(ms)
  if (pending.size > 0) return
  globalThis.setTimeout = realSetTimeout
  AbortSignal.timeout = realSignal
}
