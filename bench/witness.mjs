// Preloaded into a process: at exit, records what it used in a file that the environment names.
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * The peak memory of this process, in MiB. The kernel's count for `resourceUsage` survives exec and so begins with the
 * parent's memory; it is only used where there is no /proc.
 */
function peak() {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    return Number(kibibytes) / 1024
  } catch {
    return process.resourceUsage().maxRSS / 1024
  }
}

process.once('exit', () => {
  const { user, system } = process.cpuUsage()
  const usage = { cpuSeconds: (user + system) / 1e6, peakMegabytes: peak() }
  writeFileSync(process.env.USAGE_FILE, JSON.stringify(usage))
})
