// Preloaded into a process: notes at its end what it used, in a file that the environment names.
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * The most memory that this process held at once, in MiB. The kernel's count for `resourceUsage` survives exec and so begins
 * with what the parent held; only where there is no /proc is it the best there is.
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
