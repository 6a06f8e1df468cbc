import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ActionError } from '../../../src/errors.ts'
import { readP12Text } from '../../../src/x509/pkcs12/text.ts'
import { decodePkcs12 } from '../../../src/x509/pkcs12.ts'
import {
  certBag,
  dataContent,
  encryptedSafe,
  mac,
  pbes2,
  pbmac1,
  pfx,
  pkcs8,
  pkcs12Pbe,
  plainSafe,
  shroudedKeyBag,
} from '../../support/p12-builder.ts'
import { testChain } from '../../support/p12-certificates.ts'
import { chopped, indefinite, int, oid, seq } from '../../support/p12-der.ts'
import { restructure, TREE_CHANGES } from '../../support/p12-mutations.ts'
import { PUBLIC_VECTORS } from '../../support/p12-public-vectors.ts'
import { FILE_VECTORS, readVector, SLOW_VECTORS } from '../../support/p12-vectors.ts'
import { writePkcs12 } from '../../support/written-p12.ts'

/** A few thousand in every run; P12_FUZZ=100000 for a long one, with a different seed each time unless P12_FUZZ_SEED is set. */
const RUNS = Number(process.env.P12_FUZZ ?? 3000)
const SEED = process.env.P12_FUZZ ? Number(process.env.P12_FUZZ_SEED ?? Date.now() % 2 ** 31) : 20_260_101

const PASSWORD = 'secret'
/** One in this many cases starts from a file with 600,000 iterations, as Firefox, NSS and GnuTLS write them. */
const SLOW_EVERY = 1000
const { key, certificate, intermediate } = testChain('p256')

type Mutation = (bytes: Buffer) => Buffer
interface Case {
  make(change: Mutation): Buffer
  password: string
}

/** Whole files, and files that are changed before their MAC is made, so that it matches. */
async function corpus(): Promise<Case[]> {
  const sealed = mac({ password: PASSWORD })
  const shrouded = shroudedKeyBag(key, pkcs12Pbe(PASSWORD, '3des', 1))
  const contents = seq(shrouded, certBag(certificate), certBag(intermediate))
  const authenticatedSafe = seq(dataContent(contents))
  const encrypt =
    (change: Mutation) =>
    (bytes: Buffer): ReturnType<ReturnType<typeof pkcs12Pbe>> =>
      pkcs12Pbe(PASSWORD, '3des', 1)(change(bytes))
  const resealed: Case['make'][] = [
    change => pfx([dataContent(change(contents))], sealed),
    change => pfx([encryptedSafe(encrypt(change), shrouded, certBag(certificate))], sealed),
    change =>
      pfx(
        [plainSafe(shroudedKeyBag(change(pkcs8(key)), pkcs12Pbe(PASSWORD, '3des', 1)), certBag(certificate))],
        sealed,
      ),
    change => pfx([plainSafe(shrouded, certBag(change(certificate.raw)))], sealed),
    change => seq(int(3), dataContent(change(authenticatedSafe)), sealed(change(authenticatedSafe))),
  ]
  return [
    ...(await wholeFiles()).map(file => whole(file, PASSWORD)),
    ...resealed.map(make => ({ make, password: PASSWORD })),
    ...PUBLIC_VECTORS.flatMap(({ base64, password }) => withAndWithoutMac(readP12Text(base64), password)),
    ...FILE_VECTORS.filter(({ file }) => !SLOW_VECTORS.has(file)).flatMap(({ file, password }) =>
      withAndWithoutMac(readVector(file), password),
    ),
  ]
}

const slow: Case[] = FILE_VECTORS.filter(({ file }) => SLOW_VECTORS.has(file)).map(({ file, password }) =>
  whole(readVector(file), password),
)

function whole(file: Buffer, password: string): Case {
  return { make: change => change(file), password }
}

/** Without a MAC, a change reaches the decryption and its contents. */
function withAndWithoutMac(file: Buffer, password: string): Case[] {
  return [whole(file, password), whole(restructure(file, 'drop MAC', 0, 0), password)]
}

async function wholeFiles(): Promise<Buffer[]> {
  const contents = { privateKey: key, certificate, chain: [intermediate], password: PASSWORD }
  const layout = (protection: ReturnType<typeof pbes2>) => [
    encryptedSafe(protection, certBag(certificate)),
    plainSafe(shroudedKeyBag(key, protection)),
  ]
  const plain = seq(...layout(pbes2({ password: Buffer.from(PASSWORD) })))
  const data = indefinite(0x30, oid('1.2.840.113549.1.7.1'), indefinite(0xa0, chopped(plain, 100)))
  return [
    await writePkcs12({ ...contents, encryption: 'modern' }),
    await writePkcs12({ ...contents, encryption: 'legacy' }),
    pfx(layout(pkcs12Pbe(PASSWORD, 'rc2-40')), mac({ password: PASSWORD })),
    pfx(layout(pbes2({ password: Buffer.from(PASSWORD) })), pbmac1(Buffer.from(PASSWORD))),
    // Without a MAC, a change reaches the decryption and its contents.
    pfx(layout(pbes2({ password: Buffer.from(PASSWORD) }))),
    pfx([
      plainSafe(
        shroudedKeyBag(key, pkcs12Pbe(PASSWORD, '3des')),
        certBag(certificate),
        certBag(intermediate),
      ),
    ]),
    indefinite(0x30, int(3), data, mac({ password: PASSWORD })(plain)),
  ]
}

const INTERESTING = [
  0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x24, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xff,
]

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

/** Most of the structure is in the first and the last hundred bytes. */
const anywhere = fc.oneof(
  place.map(fraction => (bytes: Buffer) => Math.floor(fraction * bytes.length)),
  place.map(fraction => (bytes: Buffer) => Math.floor(fraction * Math.min(150, bytes.length))),
  place.map(fraction => (bytes: Buffer) => bytes.length - Math.ceil(fraction * Math.min(150, bytes.length))),
)

const replaceByte: fc.Arbitrary<Mutation> = fc
  .tuple(anywhere, fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...INTERESTING)))
  .map(([at, byte]) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes)
    copy[at(bytes)] = byte
    return copy
  })

const copyBytes: fc.Arbitrary<Mutation> = fc
  .tuple(anywhere, anywhere, fc.integer({ min: 1, max: 200 }))
  .map(([from, to, count]) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes)
    bytes.copy(copy, to(bytes), from(bytes), from(bytes) + count)
    return copy
  })

const removeBytes: fc.Arbitrary<Mutation> = fc.tuple(anywhere, fc.integer({ min: 1, max: 40 })).map(
  ([at, count]) =>
    (bytes: Buffer) =>
      Buffer.concat([bytes.subarray(0, at(bytes)), bytes.subarray(at(bytes) + count)]),
)

const insertBytes: fc.Arbitrary<Mutation> = fc
  .tuple(anywhere, fc.uint8Array({ minLength: 1, maxLength: 20 }))
  .map(
    ([at, extra]) =>
      (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, at(bytes)), extra, bytes.subarray(at(bytes))]),
  )

const cutOff: fc.Arbitrary<Mutation> = anywhere.map(at => (bytes: Buffer) => bytes.subarray(0, at(bytes)))

/** Changes to the structure, after which all lengths are right again. */
const changeTree: fc.Arbitrary<Mutation> = fc.tuple(fc.constantFrom(...TREE_CHANGES), place, place).map(
  ([change, at, other]) =>
    (bytes: Buffer) =>
      restructure(bytes, change, at, other),
)

/** What keeps the lengths right gets deepest. */
const mutation = fc.oneof(
  { weight: 12, arbitrary: replaceByte },
  { weight: 8, arbitrary: changeTree },
  { weight: 2, arbitrary: copyBytes },
  removeBytes,
  insertBytes,
  cutOff,
)

test(
  `${RUNS} changed P12s are opened or refused with an explanation, none in more than a few seconds (seed ${SEED})`,
  async () => {
    const cases = await corpus()
    const outcomes = new Map<string, number>()
    let slowest = 0
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          { weight: SLOW_EVERY, arbitrary: fc.constantFrom(...cases) },
          { weight: 1, arbitrary: fc.constantFrom(...slow) },
        ),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(
          undefined,
          undefined,
          undefined,
          undefined,
          '',
          'wrong',
          'pässwörd\n',
          '🔑'.repeat(500),
        ),
        async (chosen, mutations, otherPassword) => {
          const bytes = chosen.make(original =>
            mutations.reduce((changed, mutate) => mutate(changed), original),
          )
          const password = otherPassword ?? chosen.password
          const start = process.cpuUsage()
          const outcome = await decodePkcs12(bytes, password).then(
            () => 'opened',
            (error: unknown) => {
              expect(error).toBeInstanceOf(ActionError)
              expect((error as ActionError).code).toMatch(/^P12_/)
              return (error as ActionError).code
            },
          )
          // Not the wall clock, which runs on while other processes have their turn.
          const { user, system } = process.cpuUsage(start)
          slowest = Math.max(slowest, (user + system) / 1000)
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        },
      ),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    )
    // Every outcome occurred, so the changes reach deep enough to mean something.
    for (const code of ['opened', 'P12_MALFORMED', 'P12_PASSWORD', 'P12_UNSUPPORTED'])
      expect(outcomes.get(code)).toBeGreaterThan(0)
    expect(slowest).toBeLessThan(15_000)
    if (process.env.P12_FUZZ)
      console.info(
        Object.fromEntries(outcomes),
        `slowest ${Math.round(slowest)} ms of CPU, memory ${process.resourceUsage().maxRSS >> 10} MiB`,
      )
  },
  RUNS * 100 + 60_000,
)

test('bytes that never were a P12 are refused with an explanation', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (noise, headed) => {
      const bytes = headed ? Buffer.concat([Buffer.from('30820200020103', 'hex'), noise]) : Buffer.from(noise)
      await expect(decodePkcs12(bytes, PASSWORD)).rejects.toBeInstanceOf(ActionError)
    }),
    { seed: SEED, numRuns: 1000 },
  )
})
