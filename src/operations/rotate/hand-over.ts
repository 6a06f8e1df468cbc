import type { PrivateDirectory } from '../../files.ts'
import type { Log } from '../../ports.ts'
import { planHandOver } from './hand-over-plan.ts'
import type { Place, Publisher, TargetResult } from './types.ts'

/** Hands the new P12 to a later step, which stores it where the user keeps it. */
export class HandOver implements Publisher {
  readonly effective = 'later'
  readonly plan = planHandOver
  readonly #directory: PrivateDirectory
  readonly #log: Log
  #file = ''

  constructor(directory: PrivateDirectory, { log }: { log: Log }) {
    this.#directory = directory
    this.#log = log
  }

  /** Of the P12 that was handed over; empty without one. */
  get file(): string {
    return this.#file
  }

  /** The given P12 says what the store contains; nothing says when it was written. */
  async observe(): Promise<Place[]> {
    return [{ name: "the outputs 'p12' and 'p12-file'", updatedAt: undefined, feeds: true }]
  }

  async proveWritable(): Promise<void> {
    this.#directory.create()
    this.#directory.remove()
  }

  async publish(...[writes, { p12 }]: Parameters<Publisher['publish']>): Promise<TargetResult[]> {
    return writes.map(({ target: { name } }) => {
      this.#file = this.#write(p12)
      this.#log.info(
        `Handed over the new P12 in ${name}. Store it in a later step, because the next run must receive it.`,
      )
      return { name, state: 'written', problem: undefined }
    })
  }

  /** The runner empties its temporary directory at the end of the job, so nothing else has to delete the file. */
  #write(p12: Buffer): string {
    try {
      this.#directory.create()
      return this.#directory.write('client.p12', p12)
    } catch (error) {
      this.#directory.remove()
      throw error
    }
  }

  /** There are no targets. */
  report(): TargetResult[] {
    return []
  }
}
