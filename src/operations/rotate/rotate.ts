import { utcMinute } from '../../dates.ts'
import type { CertificateRecord } from '../../digicert/records.ts'
import { ActionError } from '../../errors.ts'
import type { Encryption, Pkcs12 } from '../../x509/pkcs12.ts'
import { replacedSerial } from '../nickname.ts'
import { failureOf } from './failures.ts'
import { type Family, findFamily, succeeded } from './family.ts'
import { observe, openStored } from './observe.ts'
import type { Plan } from './plan.ts'
import { findRelatives } from './relatives.ts'
import { renew, takeBack } from './renew.ts'
import { retire } from './retire.ts'
import type { InUse, Place, RotatePorts, RotateRequest, RotationReport, TargetResult } from './types.ts'
import { tellLater, tellPlan, tellUnstored } from './words.ts'

/**
 * One run of the rotation: reads the state of things, decides, and carries the decision out in the order issue, verify,
 * write, disable, verify. A run can stop anywhere; the next one continues from what it finds.
 * @throws ActionError when nothing was changed, or nothing that the next run does not fix; see also `failure`
 */
export async function rotate(request: RotateRequest, ports: RotatePorts): Promise<RotationReport> {
  const opened = await openStored(request, ports)
  const { publisher } = ports
  const { stored, family, targets, refused } = await observe(opened, ports)
  const plan = publisher.plan(
    { now: ports.clock.now(), family, targets, refused, ...stored.facts },
    request.settings,
  )
  if (plan.issue !== undefined && publisher.effective === 'later') tellUnstored(family, ports)
  await tellPlan(plan, ports)
  await publisher.proveWritable(request.dryRun ? targets : plan.write.map(({ target }) => target))
  if (request.dryRun) return dryRun(plan, stored, family, targets, ports)
  const fresh = plan.issue === undefined ? undefined : await issueNext(opened, stored, request, ports)
  const content = { password: opened.password, p12: (fresh ?? stored).p12 }
  const results = await publisher.publish(plan.write, content).catch(async (error: unknown) => {
    if (fresh !== undefined && error instanceof ActionError) await takeBack(fresh.record, ports)
    throw error
  })
  return await conclude({ plan, stored, fresh, family, targets, results }, request, ports)
}

async function issueNext(
  opened: Pkcs12,
  stored: InUse,
  request: RotateRequest,
  ports: RotatePorts,
): Promise<InUse> {
  const encryption = request.encryption === 'auto' ? sameEncryption(opened) : request.encryption
  const fresh = await renew(
    {
      ...request,
      ...{ password: opened.password, iterations: opened.iterations },
      ...{ encryption, replaces: stored.facts.serialNumber },
    },
    ports,
  )
  if (fresh.facts.notAfter <= stored.facts.notAfter) {
    ports.log.warning(
      `The new certificate expires on ${utcMinute(fresh.facts.notAfter)}, no later than the one it replaces: 'validity' is short, or the service user itself expires soon.`,
    )
  }
  return fresh
}

/** A program that reads a P12 with 3DES today may not be able to read AES. */
function sameEncryption({ algorithms }: Pkcs12): Encryption {
  const says = (what: string) => algorithms.some(line => line.includes(what))
  return says('PKCS#12 SHA-1') && !says('PBES2') ? 'legacy' : 'modern'
}

interface Run {
  plan: Plan<Place>
  stored: InUse
  fresh: InUse | undefined
  family: Family
  targets: Place[]
  results: TargetResult[]
}

/** After the writes: looks again, disables what may go, and sums up. */
async function conclude(run: Run, request: RotateRequest, ports: RotatePorts): Promise<RotationReport> {
  const { plan, stored, fresh, results } = run
  const current = fresh !== undefined && results.some(({ state }) => state === 'written') ? fresh : stored
  const next = await lookAgain(run, current, request, ports)
  const blocked = failureOf(results) ?? next.overlap
  const { effective } = ports.publisher
  const due = fresh !== undefined && effective === 'at once' ? next.plan.disable : plan.disable
  const failure = blocked ?? (await disable(due, { current, stored }, ports))
  if (results.length > 0) tellLater(next.plan, ports)
  const disabled = failure === undefined ? due : []
  const gone = new Set(disabled.map(({ record }) => record.id))
  return {
    dryRun: false,
    reason: plan.issue,
    rotated: current === fresh,
    current,
    previous: current === fresh ? stored.record : predecessorOf(current.record, next.family),
    targets: ports.publisher.report(
      run.targets.map(({ name }) => results.find(result => result.name === name) ?? untouched(name)),
    ),
    disabled,
    waiting: leftovers(next.plan, ports).filter(({ record }) => !gone.has(record.id)),
    effective,
    dueFrom: next.plan.dueFrom,
    now: ports.clock.now(),
    failure,
  }
}

/** @returns why it failed; then nothing is disabled, or the error says what */
async function disable(
  due: Plan<Place>['disable'],
  { current, stored }: { current: InUse; stored: InUse },
  ports: RotatePorts,
): Promise<ActionError | undefined> {
  const records = due.map(({ record }) => record)
  const previous = records.some(({ id }) => id === stored.record.id) ? stored : undefined
  try {
    await retire(records, { current, previous }, ports)
    return undefined
  } catch (error) {
    if (error instanceof ActionError) return error
    throw error
  }
}

interface Next {
  family: Family
  plan: Plan<Place>
  /** Another rotation of the same secret ran at the same time. */
  overlap: ActionError | undefined
}

/** What the next run would find; also shows whether another run issued something meanwhile. */
async function lookAgain(
  run: Run,
  current: InUse,
  request: RotateRequest,
  ports: RotatePorts,
): Promise<Next> {
  const family = await familyOf(current, run, ports)
  const now = ports.clock.now()
  const written = new Set(run.results.filter(({ state }) => state === 'written').map(({ name }) => name))
  const targets = run.targets.map(target =>
    written.has(target.name) ? { ...target, updatedAt: now } : target,
  )
  const settings = { ...request.settings, force: false }
  const plan = ports.publisher.plan({ now, family, targets, refused: false, ...current.facts }, settings)
  if (run.fresh !== undefined && plan.issue === 'due') {
    ports.log.warning(
      "The new certificate is valid no longer than 'rotate-within', so the next run replaces it again. Raise 'validity' or lower 'rotate-within'.",
    )
  }
  const [other] = issuedMeanwhile(run, family)
  if (other === undefined) return { family, plan, overlap: undefined }
  if (run.fresh === undefined) return { family, plan, overlap: overlap(other) }
  ports.log.warning(
    `Another rotation of this secret ran at the same time and issued "${other.name}" (id ${other.id}). Later runs settle which of the two stays.`,
  )
  return { family, plan: { ...plan, disable: [], waiting: leftovers(plan, ports) }, overlap: undefined }
}

/** After the writes. What was handed over is in no job's hands yet, so what others did meanwhile can wait. */
async function familyOf(current: InUse, run: Run, { digicert, publisher }: RotatePorts): Promise<Family> {
  const { family, results } = run
  if (results.length === 0) return family
  if (publisher.effective === 'later') return succeeded(family, current.record)
  const { record, facts } = current
  const { records } = await findRelatives(facts, digicert)
  return findFamily(records, { id: record.id, serialNumber: facts.serialNumber }) ?? family
}

/** By another rotation of the same secret. */
function issuedMeanwhile({ family: before, fresh }: Run, after: Family): CertificateRecord[] {
  const known = new Set([before.current, ...before.predecessors, ...before.orphans].map(({ id }) => id))
  return after.orphans.filter(({ id }) => !known.has(id) && id !== fresh?.record.id)
}

function overlap({ name, id }: CertificateRecord): ActionError {
  return new ActionError('ROTATION_OVERLAP', {
    what: `While targets were written again, another rotation of the same secret issued "${name}" (id ${id}).`,
    why: 'Two workflow runs rotated the same secret at once; a target may now contain either certificate, and both work.',
    fix: 'Give the workflow a `concurrency` group. Later runs settle which of the two stays; one with `force: true` writes every target at once.',
  })
}

/** What stays for now, with what could go: by the next run, where nothing has to be written again before. */
function leftovers(
  { waiting, disable }: Plan<Place>,
  { clock, publisher }: Pick<RotatePorts, 'clock' | 'publisher'>,
): Plan<Place>['waiting'] {
  const until = publisher.effective === 'later' ? clock.now() : undefined
  return [...waiting, ...disable.map(({ record, why }) => ({ record, why, until }))]
}

function predecessorOf({ name }: CertificateRecord, { predecessors }: Family): CertificateRecord | undefined {
  return replacedSerial(name) === undefined ? undefined : predecessors[0]
}

function untouched(name: string): TargetResult {
  return { name, state: 'current', problem: undefined }
}

function dryRun(
  plan: Plan<Place>,
  stored: InUse,
  family: Family,
  targets: Place[],
  ports: RotatePorts,
): RotationReport {
  const { clock, log, publisher } = ports
  log.info('Dry run: nothing was changed.')
  const now = clock.now()
  const pending = new Set(plan.write.map(({ target }) => target.name))
  return {
    dryRun: true,
    reason: plan.issue,
    rotated: false,
    current: stored,
    previous: predecessorOf(stored.record, family),
    targets: publisher.report(
      targets.map(({ name }) => ({ ...untouched(name), state: pending.has(name) ? 'pending' : 'current' })),
    ),
    disabled: [],
    waiting: [...plan.waiting, ...plan.disable.map(({ record, why }) => ({ record, why, until: now }))],
    effective: publisher.effective,
    dueFrom: plan.dueFrom,
    now,
    failure: undefined,
  }
}
