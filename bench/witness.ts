// What a process used, recorded by itself at exit: nothing else can find out afterwards.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Usage {
  cpuSeconds: number
  peakMegabytes: number
}

export interface Witness {
  /** For the watched process. */
  env: Record<'NODE_OPTIONS' | 'USAGE_FILE', string>
  /** After it has exited. */
  read(): Usage
}

/** @param folder for its file; the caller that made it deletes it */
export function witness(folder: string): Witness {
  const usageFile = join(folder, 'usage.json')
  return {
    env: {
      NODE_OPTIONS: `--import=${new URL('witness.mjs', import.meta.url).href}`,
      USAGE_FILE: usageFile,
    },
    read: () => JSON.parse(readFileSync(usageFile, 'utf8')) as Usage,
  }
}
