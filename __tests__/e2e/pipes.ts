// Named pipes in place of the runner's files: a process that writes to one waits until a test lets it continue.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Job } from '../support/runner.ts'

export interface Pipe {
  path: string
  /** Lets writers continue; what they write is discarded. */
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
