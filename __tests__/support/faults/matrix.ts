// Runs every fault at every request of an operation, once and permanently, and records the result.
import { ActionError } from '../../../src/errors.ts'
import { timeBudget } from '../../../src/net/retry.ts'
import { FAULTS, type MatrixFault } from './faults.ts'
import type { Operation } from './operations.ts'
import { FaultWorld, type Session, type Step, type Timing } from './world.ts'

/** `once`: the next try meets a healthy server. `lasting`: from this request on the server is like that. */
export type Mode = 'once' | 'lasting'

export interface Result {
  /** `ok`, the code of the error, or that of the post step's warning. */
  outcome: string
  /** Requests that reached a server. */
  requests: number
  /** How many retries there were. */
  repeats: number
  /** How long the waits between them took. */
  waitedMs: number
  left: string
  /** After the next step, which always runs. */
  afterwards: string | undefined
  /** What the user reads. */
  words: string
  violations: string[]
}

export interface Cell {
  operation: Operation
  step: Step
  fault: MatrixFault
  once: Result | undefined
  lasting: Result
}

/** `timeout` is so long that a busy machine cannot reach it; for a request that hangs, it fires at once. */
const PATIENT: Timing = { timeoutMs: 120_000, retries: 2 }
const HANGING_RETRIES = 1
const AT_ONCE = 8

export async function runMatrix(operations: readonly Operation[]): Promise<Cell[]> {
  const plan = operations.flatMap(operation =>
    operation.steps.flatMap(step =>
      FAULTS.filter(fault => !isLate(fault, step, operation) && !isPointless(fault, step)).map(fault => ({
        operation,
        step,
        fault,
      })),
    ),
  )
  const cells: Cell[] = []
  const queue = plan.entries()
  const worker = async () => {
    const world = await FaultWorld.start()
    for (const [index, one] of queue) cells[index] = await runCell(world, one)
    await world.close()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return cells
}

function isLate({ first }: MatrixFault, step: Step, { steps }: Operation): boolean {
  return first === true && steps.find(({ server }) => server === step.server) !== step
}

/** GitHub responds with 204 when it replaces a secret. */
function isPointless({ needsBody }: MatrixFault, { method }: Step): boolean {
  return needsBody === true && method === 'write'
}

type Planned = Pick<Cell, 'operation' | 'step' | 'fault'>

async function runCell(world: FaultWorld, planned: Planned): Promise<Cell> {
  const once = planned.fault.lasting ? undefined : await runOnce(world, planned, 'once')
  return { ...planned, once, lasting: await runOnce(world, planned, 'lasting') }
}

async function runOnce(world: FaultWorld, { operation, step, fault }: Planned, mode: Mode): Promise<Result> {
  await world.begin()
  const timing = fault.hangs ? { timeoutMs: world.timeoutMs, retries: HANGING_RETRIES } : PATIENT
  let calls = 0
  const session = world.connect(
    timing,
    { hangs: fault.hangs, unknownName: fault.unknownName && step.server },
    async method => {
      if (method === step.method && ++calls === step.occurrence)
        await world.arm(fault, step.server, mode === 'once' ? 1 : Number.POSITIVE_INFINITY)
    },
  )
  const outcome = await outcomeOf(operation.run(world, session), session)
  const elapsedMs = session.elapsedMs()
  await session.idle()
  const requests = world.requestsOf(session)
  const left = operation.left(world)
  const violations = [
    ...timeViolations(operation, session, timing, elapsedMs),
    ...wordViolations(outcome.error),
    ...((await operation.works?.(world)) === false ? ['the P12 that consumers read does not work'] : []),
  ]
  return {
    outcome: outcome.code,
    requests,
    repeats: session.log.of('info').filter(line => line.includes('Retrying in')).length,
    waitedMs: session.waitedMs,
    left,
    afterwards: await runAfterwards(world, operation),
    words: outcome.words.replaceAll(/:\d{4,5}\b/g, ''),
    violations,
  }
}

async function runAfterwards(world: FaultWorld, operation: Operation): Promise<string | undefined> {
  if (operation.afterwards === undefined) return undefined
  await world.heal()
  const session = world.connect(PATIENT, {}, async () => undefined)
  await operation.afterwards.run(world, session)
  await session.idle()
  return operation.left(world)
}

interface Outcome {
  code: string
  words: string
  error: unknown
}

async function outcomeOf(running: Promise<void>, { log }: Session): Promise<Outcome> {
  try {
    await running
    const [warning = ''] = log.of('warning').filter(line => line.startsWith('May still be enabled'))
    const code = /\(([A-Z_]+)\) Disable it/.exec(warning)?.[1]
    return { code: code === undefined ? 'ok' : `warning ${code}`, words: warning, error: undefined }
  } catch (error) {
    const code = error instanceof ActionError ? error.code : String(error)
    return { code, words: error instanceof Error ? error.message : '', error }
  }
}

/** The formula that __tests__/reliability.md gives, and that waits are within the budget. */
function timeViolations(
  { most, longerMs = () => 0 }: Operation,
  { calls, waitedMs }: Session,
  timing: Timing,
  elapsedMs: number,
): string[] {
  const { timeoutMs, retries } = timing
  const waits = timeBudget(timeoutMs, retries) + longerMs(timing)
  const bound = ((most ?? calls) + 1) * timeoutMs + waits
  return [
    ...(waitedMs <= waits ? [] : [`waited ${waitedMs} ms, and the bound is ${waits} ms`]),
    ...(elapsedMs <= bound ? [] : [`took ${elapsedMs} ms, and the bound is ${bound} ms`]),
  ]
}

function wordViolations(error: unknown): string[] {
  if (error === undefined) return []
  if (!(error instanceof ActionError)) return [`not an error with words: ${String(error)}`]
  const parts = [error.message, error.why ?? 'the cause is known', error.fix]
  return parts.every(part => part.length > 10) ? [] : [`words are missing: ${parts.join(' | ')}`]
}
