// What has to hold before a change is merged: the one list that `npm run all`, .ci/run and .github/workflows/ci.yml work off.

export interface Check {
  /** A script of package.json. */
  script: string
  /** Has a report of Jest to count tests in. */
  jest?: true
  args?: readonly string[]
  /** Programs that it cannot do without. What the tests compare with is not among them: they say so themselves. */
  needs?: readonly string[]
}

/** What others' tools are built with; each of these checks needs what the one before it made. */
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
  // Says itself what else keeps a machine from it, and then counts its tests as skipped.
  { script: 'test:windows', jest: true, needs: ['debootstrap'] },
  { script: 'start' },
  // Others' runner and linters; they come from PyPI and the Go module proxy (tools/install).
  { script: 'tools', needs: BUILT },
  { script: 'lint:workflows', needs: BUILT },
  { script: 'test:act', jest: true, needs: [...BUILT, 'mvn', 'keytool', 'openssl', 'osslsigncode'] },
]

/** As a person would type it. */
export function commandOf({ script }: Check): string {
  return ['test', 'start'].includes(script) ? `npm ${script}` : `npm run ${script}`
}
