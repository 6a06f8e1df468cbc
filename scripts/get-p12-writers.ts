// Fetches the libraries that the tests write P12s with, in the versions and with the checksums that they know, using
// Maven, Go and pip, and builds a small program with each.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  BOUNCY_CASTLE,
  classPath,
  GO_PKCS12,
  hasJars,
  hasWriter,
  PYCA,
} from '../__tests__/support/p12-writers.ts'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy'

function run(command: string, args: string[], folder?: string): void {
  execFileSync(command, args, { stdio: 'inherit', cwd: folder })
}

if (!hasJars()) {
  for (const name of Object.keys(BOUNCY_CASTLE.jars)) {
    const artifact = `org.bouncycastle:${name}:${BOUNCY_CASTLE.version}`
    const target = `-DoutputDirectory=${BOUNCY_CASTLE.folder}`
    run('mvn', ['--batch-mode', '--quiet', COPY, `-Dartifact=${artifact}`, target])
  }
}
if (!hasJars()) throw new Error(`Maven did not write to ${BOUNCY_CASTLE.folder}`)
run('javac', ['-d', BOUNCY_CASTLE.folder, '-cp', classPath(), BOUNCY_CASTLE.source])

run('go', ['build', '-mod=readonly', '-o', GO_PKCS12.program, '.'], GO_PKCS12.source)

if (!hasWriter('pyca')) {
  const pinned = ['--require-hashes', '--only-binary', ':all:', '--requirement', PYCA.requirements]
  run('python3', ['-m', 'pip', 'install', '--quiet', '--upgrade', '--target', PYCA.folder, ...pinned])
  writeFileSync(join(PYCA.folder, 'complete'), '')
}
console.log('Bouncy Castle, go-pkcs12 and pyca/cryptography are ready to write P12s.')
