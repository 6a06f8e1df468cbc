// Fetches the jsign that the tests sign with, using Maven, and verifies it by the checksum that they know.
import { execFileSync } from 'node:child_process'
import { hasJsign, JSIGN } from '../__tests__/support/jsign.ts'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy'

if (!hasJsign()) {
  execFileSync(
    'mvn',
    ['--batch-mode', '--quiet', COPY, `-Dartifact=${JSIGN.artifact}`, `-DoutputDirectory=${JSIGN.folder}`],
    { stdio: 'inherit', shell: process.platform === 'win32' },
  )
}
if (!hasJsign()) throw new Error(`Maven did not write ${JSIGN.jar}`)
console.log(`${JSIGN.artifact} is in ${JSIGN.folder}.`)
