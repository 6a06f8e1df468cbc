// `verify: false` is for jobs whose network does not reach the mTLS host: not even its name is looked up.
import { expect, test } from '@jest/globals'
import { useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()

/** Makes the step print each name that it looks up and each address that it connects to. */
const SCRIPT = `
  import dns from 'node:dns'
  import net from 'node:net'
  const { lookup } = dns
  dns.lookup = (name, ...rest) => (console.log('LOOKUP ' + name), lookup(name, ...rest))
  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function (...args) {
    const [options] = args.flat()
    console.log('CONNECT ' + (options?.host ?? options) + ':' + options?.port)
    return connect.apply(this, args)
  }`
const WATCHED = ['--import', `data:text/javascript,${encodeURIComponent(SCRIPT)}`]

const seen = (raw: string) => raw.split('\n').filter(line => /^(LOOKUP|CONNECT) /.test(line))
const ELSEWHERE = { 'clientauth-host': 'clientauth.digicert.invalid' }

test('a stored P12 is handed over without a look-up and without a connection', async () => {
  const { base64 } = await storedP12(scene.emulator)
  const inputs = { mode: 'stored', p12: base64, 'p12-password': PASSWORD, verify: 'false' }
  const scenario = scene.scenario({ ...inputs, ...ELSEWHERE, host: 'one.digicert.invalid' })
  const main = await scenario.main({ nodeOptions: WATCHED })
  expect({ exitCode: main.exitCode, log: main.log }).toMatchObject({ exitCode: 0 })
  expect(seen(main.raw)).toEqual([])
  const post = await scenario.post({ nodeOptions: WATCHED })
  expect(seen(post.raw)).toEqual([])
})

test('with verification, this test would notice both', async () => {
  const { base64 } = await storedP12(scene.emulator)
  const inputs = { mode: 'stored', p12: base64, 'p12-password': PASSWORD, retries: '0' }
  const main = await scene.scenario({ ...inputs, ...ELSEWHERE }).main({ nodeOptions: WATCHED })
  expect(main.exitCode).toBe(1)
  expect(seen(main.raw)).toContain('LOOKUP clientauth.digicert.invalid')
})

test('issuing contacts only the API host', async () => {
  const scenario = scene.scenario({ verify: 'false', ...ELSEWHERE })
  const main = await scenario.main({ nodeOptions: WATCHED })
  expect({ exitCode: main.exitCode, log: main.log }).toMatchObject({ exitCode: 0 })
  expect(new Set(seen(main.raw).filter(line => line.startsWith('LOOKUP')))).toEqual(
    new Set(['LOOKUP localhost']),
  )
  await scenario.post()
  scenario.expectNothingLeft()
})
