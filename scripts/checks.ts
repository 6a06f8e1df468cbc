// What has to pass before a change is merged: the one list that `npm run all`, .ci/run and .github/workflows/ci.yml work through.

export interface Check {
  /** A script of package.json. */
  script: string
  /** Has a report of Jest to count tests in. */
  jest?: true
  args?: readonly string[]
  /** Programs that it requires. Programs that the tests compare with are not listed: the tests report those themselves. */
  needs?: readonly string[]
}

/** Other people's tools are built with these; each of these checks needs what the one before it made. */
const BUILT = ['bash', 'python3']

export const CHECKS: readonly Check[] = [
  { script: 'lint' },
  { script: 'types' },
  { script: 'check-dist' },
  { script: 'jsign', needs: ['mvn'] },
  { script: 'p12-writers', needs: ['mvn', 'javac', 'go', 'python3'] },
  { script: 'p12-readers', needs: ['javac', 'go'] },
  { script: 'audit' },
  { script: 'test', jest: true, args: ['--coverage'] },
  { script: 'test:platform', jest: true },
  // Says itself what else prevents it on a machine, and then counts its tests as skipped.
  { script: 'test:windows', jest: true, needs: ['debootstrap'] },
  { script: 'start' },
  // Other people's runner and linters; they come from PyPI and the Go module proxy (tools/install).
  { script: 'tools', needs: BUILT },
  { script: 'lint:workflows', needs: BUILT },
  { script: 'test:act', jest: true, needs: [...BUILT, 'mvn', 'keytool', 'openssl', 'osslsigncode'] },
]

/** As a person would type it. */
export function commandOf({ script }: Check): string {
  return ['test', 'start'].includes(script) ? `npm ${script}` : `npm run ${script}`
}
