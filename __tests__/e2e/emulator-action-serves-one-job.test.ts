import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { accepts } from '../support/daemon.ts'
import { JSIGN } from '../support/jsign.ts'
import { cleanUpScratch, runOk, scratchFile, toolTest } from '../support/p12-tools.ts'
import { testOn } from '../support/platform.ts'
import type { StepResult } from '../support/runner.ts'
import { warningsOf } from '../support/scene.ts'
import { exitingProgram } from '../support/windows-program.ts'
import { connectionTo, expectStarted, useEmulatorJob } from './emulator-job.ts'

const here = useEmulatorJob()
cleanUpScratch()

/** What the server wrote for the steps; it exists as long as the server runs. */
function readyOf({ outputs }: StepResult): { path: string; pid: number; port: number } {
  const path = join(dirname(outputs['ca-certificates'] ?? ''), 'ready.json')
  return { path, ...(JSON.parse(readFileSync(path, 'utf8')) as { pid: number; port: number }) }
}

/** Polls, since a busy machine may take any time. */
async function untilClosed(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (!(await accepts(port))) return
    await sleep(50)
  }
  throw new Error(`port ${port} is still open`)
}

const testOnLinux = testOn('Linux', 'only Linux shows the command lines of processes as files')

const filesOf = () => readdirSync(here.current.job.temp)

describe('a job without secrets', () => {
  test('issues, uses a stored P12, and leaves nothing enabled at the end', async () => {
    const { use, main } = await here.current.start()
    expectStarted(main)
    const { job } = here.current
    const issue = { inputs: connectionTo(main) }
    const stored = {
      inputs: {
        ...connectionTo(main),
        mode: 'stored',
        p12: main.outputs.p12 ?? '',
        'p12-password': main.outputs['p12-password'] ?? '',
      },
    }
    const [issuing, storing] = [job.use(), job.use()]
    const issued = await issuing.main(issue)
    expect({ exitCode: issued.exitCode, log: issued.log }).toMatchObject({ exitCode: 0 })
    expect(issued.outputs['user-name']).toBe('Example service user')
    expect(issued.env.SM_HOST).toBe(main.outputs['clientauth-url'])
    const opened = await storing.main(stored)
    expect({ exitCode: opened.exitCode, log: opened.log }).toMatchObject({ exitCode: 0 })
    await storing.post(stored)
    await issuing.post(issue)

    const post = await here.current.stop(use)
    expect(post).toMatchObject({ exitCode: 0, annotations: [] })
    expect(post.log).toContain('1 issued, 0 still enabled')
    expect(post.summary).toContain(`<td>${issued.outputs.name}</td><td>disabled</td>`)
    expect(filesOf()).toEqual([])
  })

  test('reads in the log what it left enabled, by name', async () => {
    const { use, main } = await here.current.start({ summary: 'false' })
    const inputs = { ...connectionTo(main), 'disable-after-job': 'false' }
    const issuing = here.current.job.use()
    const { outputs } = await issuing.main({ inputs })
    await issuing.post({ inputs })
    const post = await here.current.stop(use)
    expect(warningsOf(post)).toEqual([expect.stringContaining(`"${outputs.name}"`)])
    expect(post.log).toContain('1 issued, 1 still enabled')
  })

  test("has each request in the log of the post step, except the emulator's own", async () => {
    const { use, main } = await here.current.start()
    const check = await here.current.job.use('check').main({ inputs: connectionTo(main) })
    expect(check.exitCode).toBe(0)
    const { log } = await here.current.stop(use)
    expect(log.match(/^api +GET +\/account\/api\/v1\/client-auth-certificate 200$/gm)).toHaveLength(1)
  })
})

describe('what each input says', () => {
  test('user-name and permissions', async () => {
    const { main } = await here.current.start({ 'user-name': 'Fork', permissions: 'VIEW_SM_CERTIFICATE' })
    const allowed = { ...connectionTo(main), 'require-permissions': 'VIEW_SM_CERTIFICATE' }
    const fine = await here.current.job.use().main({ inputs: allowed })
    expect(fine.outputs['user-name']).toBe('Fork')
    const lacking = { ...connectionTo(main), 'require-permissions': 'SIGN_SM_HASH' }
    const refused = await here.current.job.use().main({ inputs: lacking })
    expect(refused.annotations[0]?.title).toContain('PERMISSION_MISSING')
  })

  test('p12-validity', async () => {
    const { main } = await here.current.start({ 'p12-validity': '40d' })
    const p12 = { p12: main.outputs.p12 ?? '', 'p12-password': main.outputs['p12-password'] ?? '' }
    const check = await here.current.job.use('check').main({ inputs: p12 })
    expect(check.exitCode).toBe(0)
    expect(check.outputs['days-remaining']).toBe('39')
  })

  test('export-env: Node trusts the emulator, and the bundle contains everything that was trusted before', async () => {
    const { main } = await here.current.start({ 'export-env': 'true' }, { JAVA_TOOL_OPTIONS: '-Dmine=1' })
    const bundle = main.outputs['ca-bundle'] ?? ''
    expect(main.env).toEqual({
      NODE_EXTRA_CA_CERTS: bundle,
      CURL_CA_BUNDLE: bundle,
      SSL_CERT_FILE: bundle,
      JAVA_TOOL_OPTIONS: expect.stringMatching(
        /^-Dmine=1 .*trustStore=.*-Djavax.net.ssl.trustStorePassword=/,
      ),
    })
    expect(readFileSync(bundle, 'utf8').match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(50)
    const { host = '' } = main.outputs
    const script = `fetch('${host}/').then(answer => console.log(answer.status))`
    const child = spawn(process.execPath, ['-e', script], { env: { ...process.env, ...main.env } })
    const chunks = await child.stdout.toArray()
    expect(Buffer.concat(chunks).toString().trim()).toBe('403')
  })

  toolTest(
    ['curl', 'keytool'],
    'export-env: curl trusts the emulator, too, and Java can use the trust store',
    async () => {
      const { main } = await here.current.start({ 'export-env': 'true' })
      const { outputs, env } = main
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
      const url = `${outputs['clientauth-url']}/account/api/v1/user/me`
      const answer = await runOk('env', [...variables, 'curl', '--silent', url])
      expect(answer).toContain('AUTHORIZATION_ERROR')
      const store = [
        '-keystore',
        outputs.truststore ?? '',
        '-storepass',
        outputs['truststore-password'] ?? '',
      ]
      const listed = await runOk('keytool', ['-list', ...store])
      const bundle = readFileSync(outputs['ca-bundle'] ?? '', 'utf8')
      expect(listed.match(/trustedCertEntry/g)?.length).toBe(bundle.match(/BEGIN CERTIFICATE/g)?.length)
    },
  )

  toolTest(
    ['jsign', 'java', 'osslsigncode'],
    'export-env: jsign signs with nothing but the environment, and osslsigncode accepts the signature',
    async () => {
      const { main } = await here.current.start({ 'export-env': 'true' })
      const issued = await here.current.job.use().main({ inputs: connectionTo(main) })
      const program = scratchFile('app.exe', exitingProgram(0))
      const variables = Object.entries({ ...main.env, ...issued.env, PROGRAM: program, JAR: JSIGN.jar })
      // As the examples write it.
      const sign = `java -jar "$JAR" --storetype DIGICERTONE --keystore "$SM_HOST" \
        --storepass "$SM_API_KEY|$SM_CLIENT_CERT_FILE|$SM_CLIENT_CERT_PASSWORD" \
        --alias ${main.outputs['certificate-alias']} "$PROGRAM"`
      await runOk('env', [...variables.map(([name, value]) => `${name}=${value}`), 'sh', '-c', sign])
      const verify = ['verify', '-CAfile', main.outputs['code-signing-ca'] ?? '', '-in', program]
      expect(await runOk('osslsigncode', verify)).toContain('Signature verification: ok')
    },
  )

  test('export-env is off by default', async () => {
    const { main } = await here.current.start()
    expect(main.env).toEqual({})
  })
})

const address = (outputs: Record<string, string>) => (outputs.host ?? '').replace('https://', '')

describe('two emulators in one job', () => {
  test('know nothing of each other, and stop independently', async () => {
    const [first, second] = [await here.current.start(), await here.current.start()]
    expect(first.main.outputs.host).not.toBe(second.main.outputs.host)
    const crossed = { ...connectionTo(first.main), 'api-key': second.main.outputs['api-key'] ?? '' }
    const refused = await here.current.job.use('check').main({ inputs: crossed })
    expect(refused.annotations[0]?.title).toContain('API_KEY_INVALID')
    await here.current.stop(second.use)
    const check = await here.current.job.use('check').main({ inputs: connectionTo(first.main) })
    expect(check.exitCode).toBe(0)
  })

  test.each(['port', 'clientauth-port'])(
    '%s: names the one that is taken, and leaves nothing behind',
    async input => {
      const { main } = await here.current.start()
      const { port } = readyOf(main)
      const { use, main: refused } = await here.current.start({ [input]: String(port) })
      expect(refused.exitCode).toBe(1)
      expect(refused.annotations).toEqual([
        {
          level: 'error',
          title: 'Embedded DigiCert ONE: EMULATOR_PORT_TAKEN',
          message: expect.stringMatching(
            new RegExp(
              `127\\.0\\.0\\.1:${port}[^]*\nLikely cause: .+\nFix: .+\nSee docs/emulator.md#emulator_port_taken$`,
            ),
          ),
        },
      ])
      expect(refused.outputs).toEqual({})
      const post = await here.current.stop(use)
      expect(post).toMatchObject({ exitCode: 0, annotations: [] })
      expect(filesOf()).toHaveLength(1)
    },
  )
})

describe('however it stops', () => {
  test('stopped by its post step: the port is closed and the files are deleted', async () => {
    const { use, main } = await here.current.start()
    const { port } = readyOf(main)
    expect(await accepts(port)).toBe(true)
    await here.current.stop(use)
    expect(await accepts(port)).toBe(false)
    expect(filesOf()).toEqual([])
  })

  test('killed: the post step says that it cannot know what is left, and touches no other process', async () => {
    const { use, main } = await here.current.start()
    const { path, pid, port } = readyOf(main)
    const bystander = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
    process.kill(pid, 'SIGKILL')
    await untilClosed(port)
    // The system may reuse the number.
    writeFileSync(path, readFileSync(path, 'utf8').replace(`"pid":${pid}`, `"pid":${bystander.pid}`))
    const post = await here.current.stop(use)
    expect(post.exitCode).toBe(0)
    expect(warningsOf(post)).toEqual([expect.stringContaining('stopped before the end of the job')])
    expect({ code: bystander.exitCode, signal: bystander.signalCode }).toEqual({ code: null, signal: null })
    bystander.kill()
    expect(filesOf()).toEqual([])
  })

  test('it stops by itself when its lifetime is over', async () => {
    const { use, main } = await here.current.start({ lifetime: '3s' })
    expectStarted(main)
    await untilClosed(Number(address(main.outputs).split(':')[1]))
    const post = await here.current.stop(use)
    expect(post.log).toContain('Its lifetime is over.')
    expect(warningsOf(post)).toHaveLength(1)
  })

  test('it stops by itself when the runner empties RUNNER_TEMP', async () => {
    const { use, main } = await here.current.start()
    const { path, port } = readyOf(main)
    rmSync(dirname(path), { recursive: true })
    await untilClosed(port)
    expect(await here.current.stop(use)).toMatchObject({ exitCode: 0, annotations: [] })
  })

  testOnLinux(
    'the main step is killed while it waits: the post step leaves neither file nor server',
    async () => {
      const { job } = here.current
      const use = job.use('emulator')
      let pid = 0
      const main = await use.main({
        inputs: {},
        onStart: child => {
          const timer = setInterval(() => {
            const [folder = ''] = readdirSync(job.temp)
            if (!existsSync(join(job.temp, folder, 'log'))) return
            clearInterval(timer)
            pid = child.pid ?? 0
            child.kill('SIGKILL')
          }, 1)
        },
      })
      expect(pid).toBeGreaterThan(0)
      expect(main.signal).toBe('SIGKILL')
      await use.post({ inputs: {} })
      // The server may still be starting; whatever it does must stop once its folder is gone.
      await untilNoneServes(job.temp)
      expect(filesOf()).toEqual([])
    },
  )
})

testOnLinux('names a server that is killed while it starts, and leaves nothing', async () => {
  const { job } = here.current
  const use = job.use('emulator')
  const main = await use.main({
    inputs: {},
    onStart: child => {
      const timer = setInterval(() => {
        const [server] = serversOf(job.temp)
        if (server !== undefined) process.kill(Number(server), 'SIGKILL')
        if (server !== undefined || child.exitCode !== null) clearInterval(timer)
      }, 1)
    },
  })
  expect(main).toMatchObject({ exitCode: 1, outputs: {} })
  expect(main.annotations.map(({ title }) => title)).toEqual(['Embedded DigiCert ONE: EMULATOR_NOT_READY'])
  expect(await use.post({ inputs: {} })).toMatchObject({ exitCode: 0, annotations: [] })
  expect(filesOf()).toEqual([])
})

/** Found by the folder on its command line, which no other job's server has. */
async function untilNoneServes(folder: string): Promise<void> {
  for (let tries = 0; tries < 400 && serversOf(folder).length > 0; tries++) await sleep(50)
  expect(serversOf(folder)).toEqual([])
}

function serversOf(folder: string): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name) && commandLineOf(name).includes(folder))
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

describe('bad input is explained before anything is started', () => {
  test.each([
    ['p12-validity', '1y', '397d'],
    ['p12-validity', '398d', '397d'],
    ['lifetime', '8d', '7d'],
    ['lifetime', '0s', '7d'],
    ['port', '70000', '65535'],
    ['clientauth-port', 'https', '65535'],
    ['export-env', 'maybe', 'true or false'],
    ['summary', '1', 'true or false'],
  ])('%s: %s', async (input, value, fix) => {
    const { main } = await here.current.start({ [input]: value })
    expect(main).toMatchObject({ exitCode: 1, outputs: {}, state: {} })
    expect(main.annotations).toHaveLength(1)
    expect(main.annotations[0]?.title).toBe('Embedded DigiCert ONE: EMULATOR_INPUT')
    expect(main.annotations[0]?.message).toContain(`'${input}'`)
    expect(main.annotations[0]?.message).toContain(fix)
    expect(filesOf()).toEqual([])
  })

  test('RUNNER_TEMP is not set', async () => {
    const { main } = await here.current.start({}, { RUNNER_TEMP: '/nowhere' })
    expect(main.annotations[0]?.title).toBe('Embedded DigiCert ONE: EMULATOR_RUNNER')
  })
})
