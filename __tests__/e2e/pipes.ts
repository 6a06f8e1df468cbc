// Named pipes in place of the runner's files: whoever writes to one stands still until a test lets it go on.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Job } from '../support/runner.ts'

export interface Pipe {
  path: string
  /** Lets writers go on; what they write is thrown away. */
  release(): void
  close(): void
}

export function namedPipe(job: Job, name: string): Pipe {
  const path = `${job.commandFile(name)}.pipe`
  execFileSync('mkfifo', [path])
  let end: number | undefined
  return {
    path,
    release: () => {
      end ??= openSync(path, 'r+')
    },
    close: () => {
      if (end !== undefined) closeSync(end)
    },
  }
}
