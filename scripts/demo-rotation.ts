// The last act of the demo: a stored P12 that expires soon is rotated, and a week later the old one is disabled.
import { call } from '../__tests__/support/emulator-client.ts'
import { PASSWORD, storedP12 } from '../__tests__/support/stored.ts'
import { type Github, startGithub } from '../emulator/github/index.ts'
import { DAY } from '../emulator/index.ts'
import type { Stage } from './demo-stage.ts'
import { heading, print } from './demo-terminal.ts'

const SECRET = 'SM_CLIENT_CERT_FILE_B64'
const OWN = 'octo-org/hello.world'
const TARGETS = [OWN, `${OWN}:release`, 'org:octo-org']
const GRACE_AND_A_DAY = 8 * DAY
const LATER = new URL('../__tests__/support/later.mjs', import.meta.url).href

export async function showRotation(stage: Stage): Promise<void> {
  const { emulator } = stage
  const github = await startGithub({ clock: emulator.clock })
  try {
    github.addRepository(OWN, { environments: ['release'] })
    github.addOrganization('octo-org')
    const notAfter = new Date(Date.now() + 30 * DAY)
    const old = await storedP12(emulator, { name: 'made by hand', notAfter })
    for (const target of TARGETS) github.setSecret(target, SECRET, old.base64)
    emulator.clock.offset(1000)

    heading('7  rotate: a stored P12 with 30 days left, in three secrets')
    await run('rotate', stage, github, 1000)
    const held = TARGETS.map(target => github.secret(target, SECRET)?.value ?? '')
    const fresh = Buffer.from(held[0] ?? '', 'base64')
    stage.claim('the same new P12 is in all three', new Set([...held, old.base64]).size === 2)
    stage.claim('the mTLS host accepts it, and the password is the same', (await mtls(stage, fresh)) === 200)
    stage.claim(
      'the old one still works, for jobs that have already started',
      (await mtls(stage, old.der)) === 200,
    )

    heading('8  rotate: the same workflow, eight days later')
    emulator.clock.offset(GRACE_AND_A_DAY)
    await run('rotate, eight days later', stage, github, GRACE_AND_A_DAY)
    stage.claim('the old P12 is refused', (await stage.settled(() => mtls(stage, old.der))) === 403)
    stage.claim('the new one works', (await mtls(stage, fresh)) === 200)
  } finally {
    await github.close()
  }
}

async function run(name: string, stage: Stage, github: Github, aheadMs: number): Promise<void> {
  const { emulator } = stage
  const inputs = {
    'api-key': emulator.apiKey,
    p12: github.secret(OWN, SECRET)?.value ?? '',
    'p12-password': PASSWORD,
    'github-token': github.token,
    targets: TARGETS.join('\n'),
    host: emulator.apiUrl,
    'ca-certificates': emulator.caPem + github.caPem,
  }
  const clock = { NODE_OPTIONS: `--import=${LATER}`, CLOCK_AHEAD_MS: String(aheadMs) }
  stage.skipRequests()
  const result = await stage.run(name, env =>
    stage.job.use('rotate').main({ inputs, env: { ...env, ...clock, GITHUB_API_URL: github.apiUrl } }),
  )
  stage.showValues('with:', inputs)
  stage.showLog('The log', result)
  stage.showValues('Outputs', result.outputs)
  stage.showSummary(result)
  stage.showRequests()
  if (result.exitCode !== 0) throw new Error(`that step exited with ${result.exitCode}`)
  print('')
  stage.claim('its log and summary show no secret', stage.hidesSecrets(result.log, result.summary))
}

async function mtls({ emulator }: Stage, pfx: Buffer): Promise<number> {
  return (await call(emulator, { host: 'clientauth', tls: { pfx, passphrase: PASSWORD } })).status
}
