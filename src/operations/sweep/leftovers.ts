import { mapConcurrently } from '../../concurrency.ts'
import { Kept } from '../../digicert/gathering.ts'
import type { CertificateRecord } from '../../digicert/records.ts'
import { ActionError } from '../../errors.ts'
import type { WorkflowRun } from '../../github/runs.ts'
import { counted } from '../../text.ts'
import { type RunAttempt, readRun } from '../nickname.ts'
import { changeAll } from './change.ts'
import { judgeRun } from './over.ts'
import { onlyOwn } from './own.ts'
import type { LeftoversPorts, LeftoversRequest, SweepReport, Swept } from './types.ts'
import { blindnessOf, failureOf, warnOfKept } from './words.ts'

/** Requests to GitHub at once; it wants no more than a few. */
const AT_ONCE = 4

/** An enabled certificate and the run that its nickname names. */
interface Candidate {
  record: CertificateRecord
  run: RunAttempt
}

type Answer = WorkflowRun | ActionError | undefined

/**
 * Disables what issue mode made in runs of this repository that are over: the runner vanished before the post step.
 * Anything that cannot be shown to be such a leftover is left alone.
 * @throws ActionError when the list cannot be read; any other failure is in the report
 */
export async function sweepLeftovers(request: LeftoversRequest, ports: LeftoversPorts): Promise<SweepReport> {
  const { digicert, log } = ports
  const { records, seen } = await digicert.survey(
    new Kept({ keep: record => isCandidate(record, request, ports) }),
  )
  const candidates = await candidatesIn(records, ports)
  const { answers, blindness } = await askAll(candidates, request, ports)
  log.info(
    `Looked at ${counted(seen, 'certificate')}: ${candidates.length} of issue mode are enabled, made in ${counted(answers.size, 'run')}.`,
  )
  const { over, kept } = divide(candidates, answers, request, ports)
  const outcomes: Swept[] = request.dryRun
    ? over.map(({ record }) => ({ record, outcome: 'due' }))
    : await changeAll(
        over.map(({ record }) => record),
        false,
        ports,
      )
  const byId = new Map([...outcomes, ...kept].map(swept => [swept.record.id, swept]))
  const swept = candidates.flatMap(({ record, run }) => {
    const found = byId.get(record.id)
    return found === undefined ? [] : [{ ...found, run }]
  })
  return {
    enabled: false,
    dryRun: request.dryRun,
    swept,
    listed: seen,
    blindness,
    failure: failureOf(swept, false),
  }
}

/** Enabled, and of another run by its nickname. */
function isCandidate(
  { name, enabled, endDate }: CertificateRecord,
  { ownRun }: LeftoversRequest,
  { clock }: LeftoversPorts,
): boolean {
  const isAlive = enabled !== false && (endDate === undefined || endDate > clock.now())
  const run = isAlive ? readRun(name) : undefined
  return run !== undefined && run.id !== ownRun
}

async function candidatesIn(records: CertificateRecord[], ports: LeftoversPorts): Promise<Candidate[]> {
  const own = await onlyOwn(records, ports)
  return own.flatMap(record => {
    const run = readRun(record.name)
    return run === undefined ? [] : [{ record, run }]
  })
}

/** One request for each run, however many certificates it made. */
async function askAll(
  candidates: Candidate[],
  { repository, ownRun }: LeftoversRequest,
  { runs, log }: LeftoversPorts,
): Promise<{ answers: Map<string, Answer>; blindness: string | undefined }> {
  const ask = async (id: string): Promise<Answer> => {
    try {
      return await runs.find(repository, id)
    } catch (error) {
      if (error instanceof ActionError) return error
      throw error
    }
  }
  const ids = [...new Set(candidates.map(({ run }) => run.id))]
  const answers = await mapConcurrently(ids, AT_ONCE, ask)
  // A token that sees none of the runs may see nothing at all; this run exists for certain.
  const seesNone = ids.length > 0 && answers.every(answer => answer === undefined)
  const isBlind = seesNone && ownRun !== '' && (await ask(ownRun)) === undefined
  const blindness = isBlind ? blindnessOf(repository) : undefined
  if (blindness !== undefined) log.warning(blindness)
  return { answers: new Map(ids.map((id, index) => [id, answers[index]])), blindness }
}

/** Those of runs that are over, and those of runs that GitHub could not be asked about. */
function divide(
  candidates: Candidate[],
  answers: Map<string, Answer>,
  { isOwnServer }: LeftoversRequest,
  { log }: LeftoversPorts,
): { over: Candidate[]; kept: Swept[] } {
  const counts = { running: 0, unknown: 0 }
  const over: Candidate[] = []
  const kept: Swept[] = []
  for (const candidate of candidates) {
    const { record, run } = candidate
    const answer = answers.get(run.id)
    if (answer instanceof ActionError) {
      kept.push({ record, outcome: 'kept', problem: answer })
      continue
    }
    const verdict = judgeRun({ run, record, isOwnServer }, answer)
    if (verdict === 'over') over.push(candidate)
    else counts[verdict]++
  }
  if (counts.running > 0)
    log.info(`Left ${counted(counts.running, 'certificate')} alone: the run is not over.`)
  if (counts.unknown > 0)
    log.info(`Left ${counted(counts.unknown, 'certificate')} alone: this repository has no such run.`)
  warnOfKept(kept, log)
  return { over, kept }
}
