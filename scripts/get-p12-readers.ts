// Builds the programs that read P12s in the tests: one in Go, with the versions and checksums of libraries in its go.mod
// and go.sum, and one in Java.
import { execFileSync } from 'node:child_process'
import { GO_READER, JAVA_READER } from '../__tests__/support/p12-library-readers.ts'

execFileSync('go', ['build', '-mod=readonly', '-o', GO_READER.program, '.'], {
  stdio: 'inherit',
  cwd: GO_READER.source,
})
execFileSync('javac', ['-d', JAVA_READER.folder, JAVA_READER.source], { stdio: 'inherit' })
console.log('x/crypto, go-pkcs12 and a Java key store are ready to read P12s.')
