// Every operation with every request that it makes, for the fault matrix and for the kill tests.
import { rmSync } from 'node:fs'
import { PrivateDirectory } from '../../../src/files.ts'
import { timeBudget } from '../../../src/net/retry.ts'
import { setAccess, verifyAccess } from '../../../src/operations/access.ts'
import { check } from '../../../src/operations/check.ts'
import { cleanUp, type Leftovers } from '../../../src/operations/cleanup.ts'
import type { DeliveryPorts, DeliveryRequest } from '../../../src/operations/deliver.ts'
import { issue } from '../../../src/operations/issue.ts'
import { HandOver } from '../../../src/operations/rotate/hand-over.ts'
import { rotate } from '../../../src/operations/rotate/rotate.ts'
import { SecretsPublisher } from '../../../src/operations/rotate/secrets.ts'
import type { Publisher, RotationReport } from '../../../src/operations/rotate/types.ts'
import { useStored } from '../../../src/operations/stored.ts'
import { sweepLeftovers } from '../../../src/operations/sweep/leftovers.ts'
import type { Ledger } from '../../../src/ports.ts'
import { generateKey } from '../../../src/x509/key.ts'
import { decodePkcs12 } from '../../../src/x509/pkcs12.ts'
import { PASSWORD } from '../stored.ts'
import {
  type FaultWorld,
  REPOSITORY,
  SECRET,
  type Server,
  type Session,
  type Step,
  type Timing,
} from './world.ts'

export interface Operation {
  name: string
  /** What runs before the first request; then the requests, in order. */
  steps: Step[]
  /** Requests when every one is needed, as __tests__/reliability.md counts them; undefined: as many as there were. */
  most?: number
  /** What may be added to the formula in __tests__/reliability.md. */
  longerMs?(timing: Timing): number
  run(world: FaultWorld, session: Session): Promise<void>
  /** Whether what consumers read works, if the operation could change that. */
  works?(world: FaultWorld): Promise<boolean>
  /** What is enabled now, as text. */
  left(world: FaultWorld): string
  /** What always runs after it, in a world without faults. */
  afterwards?: { name: string; run(world: FaultWorld, session: Session): Promise<void> }
}

const step = (label: string, server: Server, method: string, occurrence = 1): Step => ({
  label,
  server,
  method,
  occurrence,
})

/** Generating keys would take most of the time. */
const key = generateKey(2048)
const mask = { text: () => undefined, bytes: () => undefined, privateKey: () => undefined }
const NO_LEDGER: Ledger = { asking: () => undefined, settled: () => undefined, issued: () => undefined }
const COMMON: DeliveryRequest = {
  encryption: 'auto',
  writeKey: false,
  verify: true,
  requirePermissions: [],
}
/** The mTLS host is polled for this long, and once more, before a change counts as without effect. */
const EFFECT_MS = 31_000
/** Five minutes for failures; five, and one second for the single write, for rate limits. */
const GITHUB_MS = 601_000
const CLEANUP = { cleanup: true, disableAfterJob: true }

let uses = 0
function portsOf(world: FaultWorld, session: Session, ledger: Ledger): DeliveryPorts {
  const directory = PrivateDirectory.plan(world.directory, String(uses++))
  return { ...session, mask, ledger, directory }
}

function leftoversOf(changes: Partial<Leftovers>): Leftovers {
  return {
    directory: undefined,
    run: '',
    certificate: undefined,
    nicknames: [],
    askedAt: new Date(0),
    handedOver: false,
    ...changes,
  }
}

/** What the main step of the last run left for the post step. */
const ledgerOf = new WeakMap<FaultWorld, Leftovers>()

const ISSUE: Operation = {
  name: 'issue',
  steps: [
    step('`POST` for the certificate', 'api', 'requestCertificate'),
    step('the mTLS check', 'clientauth', 'verify'),
  ],
  most: 4,
  run: async (world, session) => {
    const leftovers = leftoversOf({})
    ledgerOf.set(world, leftovers)
    const drop = (nickname: string) => {
      leftovers.nicknames = leftovers.nicknames.filter(name => name !== nickname)
    }
    const ledger: Ledger = {
      asking: nickname => void leftovers.nicknames.push(nickname),
      settled: drop,
      issued: (id, nickname) => {
        leftovers.certificate = { id, nickname }
        drop(nickname)
      },
    }
    const ports = portsOf(world, session, ledger)
    const request = {
      ...COMMON,
      mode: 'issue',
      namePrefix: 'job',
      subject: undefined,
      validitySeconds: 86_400,
      keySize: 2048,
      password: PASSWORD,
    } as const
    try {
      await issue(request, key, ports)
    } finally {
      rmSync(ports.directory.path, { recursive: true, force: true })
    }
  },
  left: world => counted(issued(world)),
  afterwards: {
    name: 'after the post step',
    run: async (world, session) => {
      const leftovers = ledgerOf.get(world) ?? leftoversOf({})
      await cleanUp(leftovers, CLEANUP, { ...session, connect: () => session.digicert })
    },
  },
}

const STORED: Operation = {
  name: 'stored',
  steps: [
    step('the mTLS check', 'clientauth', 'verify'),
    step('`GET` that checks the API key', 'api', 'userOfKey'),
  ],
  most: 4,
  run: async (world, session) => {
    const ports = portsOf(world, session, NO_LEDGER)
    const request = { ...COMMON, mode: 'stored', warnWithinSeconds: 0, failWithinSeconds: 0 } as const
    try {
      await useStored({ ...request, p12: world.stored.der, password: PASSWORD }, ports)
    } finally {
      rmSync(ports.directory.path, { recursive: true, force: true })
    }
  },
  left: () => 'unchanged',
}

const POST: Operation = {
  name: 'post',
  steps: [
    step('`PUT` that disables the certificate', 'api', 'disable'),
    step('the list, for a lost response', 'api', 'listCertificates'),
    step('`PUT` that disables what was found', 'api', 'disable', 2),
  ],
  most: 3,
  run: async (world, session) => {
    const [known] = world.emulator.seed(2, index => ({ name: ['known', 'lost'][index] ?? '' }))
    const certificate = { id: known?.id ?? '', nickname: 'known' }
    const leftovers = leftoversOf({ certificate, nicknames: ['lost'], handedOver: true })
    await cleanUp(leftovers, CLEANUP, { ...session, connect: () => session.digicert })
  },
  left: world => counted(issued(world)),
}

const CHECK: Operation = {
  name: 'check',
  steps: [step('the list of certificates', 'api', 'listCertificates')],
  most: 1,
  run: async (_world, session) => {
    const thresholds = { warnWithin: 0, failWithin: 0 }
    const request = { name: '', thresholds, includeDisabled: false, p12: undefined }
    await check({ ...request, signingCertificates: false, ifNoneFound: 'error' }, { ...session, mask })
  },
  left: () => 'unchanged',
}

async function disableStored(world: FaultWorld, session: Session): Promise<void> {
  const p12 = { bytes: world.stored.der, password: PASSWORD }
  const ports = { ...session, mask }
  await verifyAccess(await setAccess({ selector: undefined, p12, enabled: false }, ports), ports)
}

const ACCESS: Operation = {
  name: 'access',
  steps: [
    step('the list of certificates', 'api', 'listCertificates'),
    step('the look before, over mTLS', 'clientauth', 'verify'),
    step('`PUT` that disables it', 'api', 'disable'),
    step('the look after, over mTLS', 'clientauth', 'verify', 2),
  ],
  most: 4,
  // When the mTLS host is unreachable before, the rest gets the budget once more.
  longerMs: ({ timeoutMs, retries }) => timeBudget(timeoutMs, retries) + EFFECT_MS,
  run: disableStored,
  left: world => (world.stored.minted.record?.enabled === true ? 'enabled' : 'disabled'),
  afterwards: { name: 'after another run', run: disableStored },
}

const LEFT_BY = 42

/** One certificate of a finished run; its list entry is made once, by the first sweep. */
async function sweep(world: FaultWorld, session: Session): Promise<void> {
  const name = `octo-org-hello-world-${LEFT_BY}-1-abcdefghij`
  if (world.emulator.certificates.every(record => record.name !== name)) {
    world.emulator.seed(1, () => ({ name }))
    world.github.addRun(REPOSITORY, { id: LEFT_BY, status: 'completed' })
  }
  const report = await sweepLeftovers(
    {
      kind: 'leftovers',
      enabled: false,
      repository: REPOSITORY,
      ownRun: '',
      isOwnServer: false,
      dryRun: false,
    },
    session,
  )
  if (report.failure !== undefined) throw report.failure
}

const LEFTOVERS: Operation = {
  name: 'leftovers',
  steps: [
    step('the list of certificates', 'api', 'listCertificates'),
    step('`GET` for the user of the API key', 'api', 'currentUser'),
    step('GitHub: the run', 'github', 'find'),
    step('`PUT` that disables it', 'api', 'change'),
  ],
  most: 5,
  // The final look at the list gets the budget once more.
  longerMs: ({ timeoutMs, retries }) => timeBudget(timeoutMs, retries) + GITHUB_MS,
  run: sweep,
  left: world => counted(issued(world)),
  afterwards: { name: 'after another run', run: sweep },
}

const rotateSecret = (world: FaultWorld, session: Session): Promise<RotationReport> => {
  const target = { kind: 'repository', owner: 'octo-org', repo: 'hello.world' } as const
  const names = { p12: SECRET, password: 'SM_CLIENT_CERT_PASSWORD' }
  const lookout = { targets: [target], names, repository: REPOSITORY }
  return rotateP12(secretOf(world), session, new SecretsPublisher(lookout, session))
}

async function rotateP12(p12: Buffer, session: Session, publisher: Publisher): Promise<RotationReport> {
  const report = await rotate(
    {
      p12,
      password: PASSWORD,
      encryption: 'modern',
      namePrefix: 'job',
      subject: undefined,
      validitySeconds: 180 * 86_400,
      keySize: 2048,
      // Without a grace period, one run takes every step.
      settings: { rotateWithinSeconds: 60 * 86_400, graceSeconds: 0, force: false },
      dryRun: false,
    },
    { ...session, mask, newKey: () => key, publisher },
  )
  if (report.failure !== undefined) throw report.failure
  return report
}

const oldAndNew = (world: FaultWorld): string => {
  const old = world.stored.minted.record?.enabled === true
  const fresh = counted(issued(world))
  return [old ? 'old' : '', fresh === 'nothing' ? '' : fresh].filter(part => part !== '').join(' + ')
}

const ROTATE: Operation = {
  name: 'rotate',
  steps: [
    step('the list of certificates', 'api', 'listCertificates'),
    step('GitHub: the time of the last write', 'github', 'find'),
    step('the mTLS check of the stored P12', 'clientauth', 'verify'),
    step('GitHub: the public key', 'github', 'proveWritable'),
    step('`POST` for the certificate', 'api', 'requestCertificate'),
    step('the mTLS check of the new P12', 'clientauth', 'verify', 2),
    step('GitHub: the write', 'github', 'write'),
    step('the second look at the list', 'api', 'listCertificates', 2),
    step('the mTLS check before disabling', 'clientauth', 'verify', 3),
    step('`PUT` that disables the old one', 'api', 'disable'),
    step('the mTLS check after disabling', 'clientauth', 'verify', 4),
    step('the list after disabling', 'api', 'listCertificates', 3),
    step('the refusal of the old one', 'clientauth', 'verify', 5),
  ],
  // Undoing a failure gets the budget once more.
  longerMs: ({ timeoutMs, retries }) => timeBudget(timeoutMs, retries) + GITHUB_MS + EFFECT_MS,
  run: async (world, session) => void (await rotateSecret(world, session)),
  works: world => works(world, secretOf(world)),
  left: oldAndNew,
}

/** What the store contains: the step that stores a new P12 runs when the rotation did not fail. */
const storeOf = new WeakMap<FaultWorld, Buffer>()

async function handOver(p12: Buffer, world: FaultWorld, session: Session): Promise<void> {
  const directory = PrivateDirectory.plan(world.directory, String(uses++))
  storeOf.set(world, p12)
  const { rotated, current } = await rotateP12(p12, session, new HandOver(directory, session))
  if (rotated) storeOf.set(world, current.p12)
}

const HAND_OVER: Operation = {
  name: 'rotate with publish: outputs',
  steps: [
    step('the list of certificates', 'api', 'listCertificates'),
    step('the verification of the stored P12', 'clientauth', 'verify'),
    step('`POST` for the certificate', 'api', 'requestCertificate'),
    step('the verification of the new P12', 'clientauth', 'verify', 2),
  ],
  longerMs: ({ timeoutMs, retries }) => timeBudget(timeoutMs, retries),
  run: (world, session) => handOver(world.stored.der, world, session),
  works: world => works(world, storeOf.get(world) ?? world.stored.der),
  left: oldAndNew,
  afterwards: {
    name: 'after another run',
    run: (world, session) => handOver(storeOf.get(world) ?? world.stored.der, world, session),
  },
}

export const OPERATIONS: readonly Operation[] = [
  ISSUE,
  STORED,
  POST,
  CHECK,
  ACCESS,
  LEFTOVERS,
  ROTATE,
  HAND_OVER,
]

/** Enabled, and not the stored one. */
function issued({ emulator, stored }: FaultWorld): number {
  return emulator.certificates.filter(({ id, enabled }) => enabled && id !== stored.minted.record?.id).length
}

function counted(count: number): string {
  return count === 0 ? 'nothing' : `${count} new`
}

function secretOf({ github }: FaultWorld): Buffer {
  return Buffer.from(github.secret(REPOSITORY, SECRET)?.value ?? '', 'base64')
}

async function works({ emulator }: FaultWorld, der: Buffer): Promise<boolean> {
  const { certificate } = await decodePkcs12(der, PASSWORD)
  return emulator.certificates.some(
    ({ fingerprint256, enabled }) => enabled && fingerprint256 === certificate.fingerprint256,
  )
}
