/** What the domain needs from outside and tests replace: time, randomness and a log. */

export interface Clock {
  now(): Date
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>
}

export interface Random {
  /** `count` unpredictable bytes. */
  bytes(count: number): Buffer
}

/** One line for a person each. Implementations must not let a line become a workflow command. */
export interface Log {
  debug(line: string): void
  info(line: string): void
  notice(line: string): void
  warning(line: string): void
}

/** The three together: what whatever waits, repeats or reports needs. */
export interface BasicPorts {
  clock: Clock
  random: Random
  log: Log
}
