// What a process used, noted by itself when it ends: nobody else can ask for that afterwards.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface Usage {
  cpuSeconds: number
  peakMegabytes: number
}

export interface Witness {
  /** For the process that is watched. */
  env: Record<string, string>
  /** Once it has ended. */
  read(): Usage
}

const SOURCE = `import { writeFileSync } from 'node:fs'
process.once('exit', () => writeFileSync(process.env.USAGE_FILE, JSON.stringify(process.resourceUsage())))
`

/** @param folder for its files; whoever made it deletes it */
export function witness(folder: string): Witness {
  const script = join(folder, 'witness.mjs')
  const usageFile = join(folder, 'usage.json')
  writeFileSync(script, SOURCE)
  return {
    env: { NODE_OPTIONS: `--import=${pathToFileURL(script).href}`, USAGE_FILE: usageFile },
    read: () => {
      const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as NodeJS.ResourceUsage
      return {
        cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
        peakMegabytes: usage.maxRSS / 1024,
      }
    },
  }
}
