/** What the domain needs from outside and tests replace. */

export interface Clock {
  now(): Date
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>
}

export interface Random {
  /** `count` unpredictable bytes. */
  bytes(count: number): Buffer
}

/** Each is one line for a person. Implementations must not let a line become a workflow command. */
export interface Log {
  debug(line: string): void
  info(line: string): void
  notice(line: string): void
  warning(line: string): void
}

/** A log for long lists. */
export interface FoldingLog extends Log {
  /** Folds what is said under a heading, until the body has settled. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>
}

/** The three together: needed by everything that waits, retries or reports. */
export interface BasicPorts {
  clock: Clock
  random: Random
  log: Log
}

/** Makes secrets unreadable in the log; called before a secret goes anywhere. */
export interface Mask {
  text(secret: string): void
  /** @param password that opens it */
  bytes(p12: Buffer, password: string): void
  privateKey(pem: string): void
}

/** Remembers for the post step what this run may leave behind. Every call is on disk when it returns. */
export interface Ledger {
  /** A request for this nickname is about to go out. */
  asking(nickname: string): void
  /** Nothing with this nickname is left enabled. */
  settled(nickname: string): void
  /** The certificate that this run uses. */
  issued(id: string, nickname: string): void
}
