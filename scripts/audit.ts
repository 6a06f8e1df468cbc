// Asks the registry whether a version that ships in dist/ has a known vulnerability: `npm audit`, made honest. A registry
// without that service (many mirrors) is not a finding, but says nothing about the packages either; the output says so.
import { spawnSync } from 'node:child_process'

interface Report {
  auditReportVersion?: number
  metadata?: { vulnerabilities?: { total?: number } }
  /** Instead of a report. */
  message?: string
  statusCode?: number
}

/** What a registry without that service says. */
const NOT_THERE = [404, 405, 501]

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
const audited = spawnSync(npm, ['audit', '--omit=dev', '--audit-level=low', '--json'], {
  encoding: 'utf8',
  shell: process.platform === 'win32',
})
const report = read(audited.stdout)
const total = report.metadata?.vulnerabilities?.total
if (audited.status === 0 && total === 0) {
  console.log('npm audit: no known vulnerability in dist/.')
} else if (report.auditReportVersion === undefined && NOT_THERE.includes(report.statusCode ?? 0)) {
  console.log(`npm audit: NOT CHECKED. This registry has no audit service (HTTP ${report.statusCode}).`)
} else {
  console.error(audited.stdout + audited.stderr)
  console.error(
    total
      ? `npm audit: ${total} known ${total === 1 ? 'vulnerability' : 'vulnerabilities'}.`
      : 'npm audit failed.',
  )
  process.exitCode = 1
}

function read(text: string): Report {
  try {
    return JSON.parse(text) as Report
  } catch {
    return {}
  }
}
