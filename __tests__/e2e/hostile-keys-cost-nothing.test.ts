import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { type Usage, type Witness, witness } from '../../bench/witness.ts'
import {
  certificateText,
  GOOD_BAGS,
  goodSpki,
  HOSTILE_CERTIFICATES,
  HOSTILE_KEYS,
  ownKey,
  rawKeyBag,
  unsigned,
} from '../support/hostile-keys.ts'
import {
  certBag,
  encryptedSafe,
  mac,
  pbes2Algorithm,
  pbkdf2Algorithm,
  pfx,
  pkcs12Pbe,
  plainSafe,
  shroudedKeyBag,
} from '../support/p12-builder.ts'
import { explicit, int, nul, octet, oid, seq, set, tlv, utf8 } from '../support/p12-der.ts'
import { useRotation } from '../support/rotation.ts'
import { ALONE, Job, type StepResult } from '../support/runner.ts'
import { errorOf, type Inputs, useScene } from '../support/scene.ts'

const PASSWORD = 'correct horse'
const MAC = mac({ password: PASSWORD })

/** In the folder of that job's other files, which is deleted with it. */
function witnessOf(job: Job): Witness & { nodeOptions: string[] } {
  const watched = witness(dirname(job.commandFile('usage')))
  return { ...watched, nodeOptions: [...ALONE, watched.env.NODE_OPTIONS] }
}

const INPUTS: Record<string, Inputs> = {
  '': { mode: 'stored' },
  access: { enabled: 'false' },
  check: {},
  rotate: {},
}

describe.each(Object.keys(INPUTS))('action "%s"', folder => {
  const scene = useScene({}, folder === 'rotate' ? '' : folder)
  const rotation = useRotation()

  async function run(inputs: Inputs): Promise<StepResult & { cost: Usage }> {
    const job = new Job()
    const { env, nodeOptions, read } = witnessOf(job)
    const all = { 'p12-password': PASSWORD, ...INPUTS[folder], ...inputs }
    const result =
      folder === 'rotate'
        ? await rotation.run(all, { env, nodeOptions })
        : await scene.scenario(all, env, job).main({ nodeOptions })
    return { ...result, cost: read() }
  }

  /** rotate takes no file, and an environment variable no more than 128 KiB. */
  function given(p12: Buffer): Inputs {
    if (folder === 'rotate') return { p12: p12.toString('base64') }
    const path = new Job().commandFile('p12')
    writeFileSync(path, p12)
    return { 'p12-file': path }
  }

  function expectCheap({ cost, annotations, summary }: StepResult & { cost: Usage }): void {
    expect(cost.cpuSeconds).toBeLessThan(2)
    expect(cost.peakMegabytes).toBeLessThan(300)
    for (const { message } of annotations) expect(message.length).toBeLessThan(4000)
    expect(summary.length).toBeLessThan(6000)
  }

  test.each(HOSTILE_KEYS.filter(([, key]) => key.length < 80_000))(
    'refuses a private key, %s, at no cost and says why',
    async (_name, key, code, words) => {
      const result = await run(given(pfx([plainSafe(...GOOD_BAGS, rawKeyBag(key))])))
      const error = errorOf(result)
      expect(error.code).toBe(code)
      expect(error.what).toMatch(words)
      expectCheap(result)
    },
    60_000,
  )

  test.each(HOSTILE_CERTIFICATES.filter(([, der]) => der.length < 80_000))(
    'refuses a certificate of %s, in the P12 and in ca-certificates, at no cost and says why',
    async (_name, der, code, words) => {
      const stored = await run(given(pfx([plainSafe(...GOOD_BAGS, certBag(der))], MAC)))
      expect(errorOf(stored)).toMatchObject({ code, what: expect.stringMatching(words) })
      expectCheap(stored)
      const p12 = pfx([plainSafe(...GOOD_BAGS)], MAC).toString('base64')
      const trusted = await run({ p12, 'ca-certificates': certificateText(der) })
      expect(errorOf(trusted)).toMatchObject({ code: 'INPUT_INVALID', what: expect.stringMatching(words) })
      expectCheap(trusted)
    },
    60_000,
  )

  test('a huge OID and a huge subject appear in neither annotation nor summary', async () => {
    const size = folder === 'rotate' ? 60_000 : 900_000
    const huge = tlv(0x06, Buffer.alloc(size, 0x81).fill(1, size - 1))
    const algorithm = seq(int(0), seq(huge, nul()), octet(Buffer.alloc(8)))
    const odd = await run(given(pfx([plainSafe(...GOOD_BAGS, rawKeyBag(algorithm))], MAC)))
    expect(errorOf(odd).code).toBe('P12_UNSUPPORTED')
    expectCheap(odd)
    const subject = seq(set(seq(oid('2.5.4.3'), utf8('A'.repeat(size / 2)))))
    const bags = [rawKeyBag(ownKey()), certBag(unsigned({ spki: goodSpki(), subject }))]
    const long = await run(given(pfx([plainSafe(...bags)], MAC)))
    expectCheap(long)
  }, 60_000)
})

describe('one action, since all of them open a P12 with the same code', () => {
  const scene = useScene({}, 'check')
  let job: Job
  beforeEach(() => {
    job = new Job()
  })

  async function cost(p12: Buffer, password: string): Promise<Usage & { result: StepResult }> {
    const path = job.commandFile('p12')
    writeFileSync(path, p12)
    const inputs = { 'p12-file': path, 'p12-password': password }
    const { env, nodeOptions, read } = witnessOf(job)
    // Without the search for secrets, which takes longer for a file of this size than the step does.
    const result = await job.use('check').main({ inputs: { ...scene.inputs(), ...inputs }, env, nodeOptions })
    return { ...read(), result }
  }

  const AES = seq(oid('2.16.840.1.101.3.4.1.2'), octet(Buffer.alloc(16)))
  const SALT = octet(Buffer.alloc(8, 1))
  const SCRYPT = seq(oid('1.3.6.1.4.1.11591.4.11'), seq(SALT, int(2 ** 16), int(8), int(1)))

  test.each([
    [
      'PBKDF2 with SHA3-512',
      pbes2Algorithm(pbkdf2Algorithm(500_000, '2.16.840.1.101.3.4.2.16', 16), AES),
      11,
    ],
    ['scrypt with 64 MiB', pbes2Algorithm(SCRYPT, AES), 30],
    ['PBES1', seq(oid('1.2.840.113549.1.5.10'), seq(SALT, int(500_000))), 16],
    ["PKCS#12's own derivation", seq(oid('1.2.840.113549.1.12.1.1'), seq(SALT, int(500_000))), 16],
  ])(
    '%s, as much as is allowed, under a decomposed password with a line break',
    async (_name, algorithm, parts) => {
      const closed = () => ({ algorithm, ciphertext: Buffer.alloc(24, 3) })
      const file = pfx(Array.from({ length: parts }, () => encryptedSafe(closed)))
      const { cpuSeconds, peakMegabytes, result } = await cost(file, 'sa\u0308cret\u2003\n')
      expect(errorOf(result).code).toBe('P12_PASSWORD')
      expect(cpuSeconds).toBeLessThan(10)
      expect(peakMegabytes).toBeLessThan(300)
    },
    120_000,
  )

  test('1 MB of RC2, and a part with hundreds of thousands of values', async () => {
    const rc2 = pfx([plainSafe(shroudedKeyBag(Buffer.alloc(500_000), pkcs12Pbe(PASSWORD, 'rc2-40')))])
    const values = pfx([plainSafe(Buffer.alloc(500_000, Buffer.from('0500', 'hex')))], MAC)
    for (const file of [rc2, values]) {
      const { cpuSeconds, peakMegabytes } = await cost(file, PASSWORD)
      expect(cpuSeconds).toBeLessThan(10)
      expect(peakMegabytes).toBeLessThan(300)
    }
  }, 300_000)

  test('masks a file that is not a P12 as a whole, never line by line', async () => {
    const words = Buffer.from('::set-output name=x::y\n'.repeat(40_000))
    const files = [
      Buffer.concat([Buffer.from('308400100000', 'hex'), words]),
      seq(int(3), explicit(0, octet(words))),
    ]
    for (const file of files) {
      const { result } = await cost(file, PASSWORD)
      expect(errorOf(result).code).toMatch(/^P12_/)
      // In addition to those for API key and password.
      expect(result.masks.length).toBeLessThan(60)
    }
  }, 60_000)
})
