// Preloaded into a step: says at its end what it cost, in a file that the test names.
import { writeFileSync } from 'node:fs'

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const cost = { seconds: (userCPUTime + systemCPUTime) / 1e6, mebibytes: maxRSS / 1024 }
  writeFileSync(process.env.COST_FILE, JSON.stringify(cost))
})
