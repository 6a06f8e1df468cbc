// What a process used, noted by itself when it ends: nobody else can ask for that afterwards.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Usage {
  cpuSeconds: number
  peakMegabytes: number
}

export interface Witness {
  /** For the process that is watched. */
  env: Record<'NODE_OPTIONS' | 'USAGE_FILE', string>
  /** Once it has ended. */
  read(): Usage
}

/** @param folder for its file; whoever made it deletes it */
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
