// The demo's look ahead: what later steps sign with is verified before anything is built, and a wrong alias fails in
// seconds.
import type { StepResult, Use } from '../__tests__/support/runner.ts'
import type { LoggedRequest } from '../emulator/index.ts'
import type { Stage } from './demo-stage.ts'
import { heading, print } from './demo-terminal.ts'

export async function showPreflight(stage: Stage): Promise<void> {
  const { alias } = await stage.emulator.keypair()
  stage.skipRequests()
  heading('6  keypair-alias: can the next step sign?')
  const passed = await issueFor(alias, 'with an alias, main step', stage)
  const requests = stage.showRequests()
  print('')
  stage.claim(
    'the step says what later steps can sign with, and exports its fingerprint',
    passed.result.exitCode === 0 &&
      passed.result.log.includes(`Can sign with "${alias}"`) &&
      passed.result.env.SM_CODE_SIGNING_CERT_SHA1_HASH === passed.result.outputs['signing-certificate-sha1'],
  )
  stage.claim(
    'it made one request for that, over the connection of the mTLS check, and signed nothing',
    isOneLook(requests),
  )
  await passed.end()

  const wrong = alias.toUpperCase()
  const failed = await issueFor(wrong, 'with a wrong alias, main step', stage)
  print('')
  stage.claim(
    'an alias that differs only in case fails the step, which says so',
    failed.result.exitCode === 1 && failed.result.log.includes('differs in case only'),
  )
  await failed.end()
  stage.claim(
    'nothing is left enabled',
    stage.emulator.certificates.every(({ enabled }) => !enabled),
  )
}

interface Tried {
  result: StepResult
  /** The post step. */
  end(): Promise<StepResult>
}

async function issueFor(alias: string, name: string, stage: Stage): Promise<Tried> {
  const { apiKey, apiUrl: host, caPem } = stage.emulator
  const use: Use = stage.job.use()
  const inputs = { 'api-key': apiKey, host, 'ca-certificates': caPem, 'keypair-alias': alias }
  const result = await stage.run(name, env => use.main({ inputs, env }))
  stage.showValues('with:', { 'keypair-alias': alias })
  stage.showLog('The log', result)
  return { result, end: () => stage.run(name.replace('main', 'post'), env => use.post({ inputs, env })) }
}

function isOneLook(requests: LoggedRequest[]): boolean {
  const looks = requests.filter(({ path }) => path.startsWith('/signingmanager'))
  const accepted = requests.find(({ path, verdict }) => path.endsWith('/user/me') && verdict === 'accepted')
  return (
    looks.length === 1 &&
    looks.every(({ method, connection }) => method === 'GET' && connection === accepted?.connection)
  )
}
