import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { WorkflowRun } from '../../../../src/github/runs.ts'
import { judgeRun, type Made } from '../../../../src/operations/sweep/over.ts'

const CREATED = new Date('2026-06-01T12:00:00Z')
const UPDATED = new Date('2026-06-01T12:30:00Z')
const DAY = 86_400_000

const made = (attempt: number, changes: Partial<Made> = {}): Made => ({
  run: { id: '42', attempt },
  record: { startDate: new Date('2026-06-01T12:10:00Z') },
  isOwnServer: false,
  ...changes,
})
const found = (attempt: number, status: string, changes: Partial<WorkflowRun> = {}): WorkflowRun => ({
  attempt,
  status,
  createdAt: CREATED,
  updatedAt: UPDATED,
  ...changes,
})

const STATUSES = [
  'queued',
  'in_progress',
  'waiting',
  'requested',
  'pending',
  'action_required',
  'Completed',
  '?',
]

test.each(STATUSES)('the latest attempt with the status %j is not over', status => {
  expect(judgeRun(made(1), found(1, status))).toBe('running')
  expect(judgeRun(made(3), found(3, status))).toBe('running')
})

test.each(STATUSES)('an attempt followed by another one is over, whatever that one does (%j)', status => {
  expect(judgeRun(made(1), found(2, status))).toBe('over')
  expect(judgeRun(made(2), found(5, status))).toBe('over')
})

test('the latest attempt is over when it is completed', () => {
  expect(judgeRun(made(1), found(1, 'completed'))).toBe('over')
  expect(judgeRun(made(2), found(2, 'completed'))).toBe('over')
})

test('an attempt that GitHub does not know yet is not over, though the run is completed', () => {
  expect(judgeRun(made(2), found(1, 'completed'))).toBe('unknown')
})

test('a run that the repository does not have is not over', () => {
  expect(judgeRun(made(1), undefined)).toBe('unknown')
  expect(judgeRun(made(1, { isOwnServer: true }), undefined)).toBe('unknown')
})

test.each<[string, Date | undefined, string]>([
  ['while the run lasted', new Date('2026-06-01T12:10:00Z'), 'over'],
  ['at midnight of its day, in any zone', new Date(CREATED.getTime() - DAY), 'over'],
  ['by a clock that is fast', new Date(UPDATED.getTime() + DAY), 'over'],
  ['days before it', new Date(CREATED.getTime() - 3 * DAY), 'unknown'],
  ['days after it', new Date(UPDATED.getTime() + 3 * DAY), 'unknown'],
  ['at a time that nobody tells', undefined, 'over'],
])('on its own server, a certificate that begins %s: %s', (_when, startDate, verdict) => {
  const record = { startDate }
  expect(judgeRun(made(1, { record, isOwnServer: true }), found(1, 'completed'))).toBe(verdict)
  expect(judgeRun(made(1, { record, isOwnServer: true }), found(2, 'in_progress'))).toBe(verdict)
  // github.com never reuses an id.
  expect(judgeRun(made(1, { record }), found(1, 'completed'))).toBe('over')
})

test('without dates from GitHub, there is nothing to compare', () => {
  const undated = found(1, 'completed', { createdAt: undefined, updatedAt: undefined })
  expect(judgeRun(made(1, { isOwnServer: true }), undated)).toBe('over')
})

test('over means: completed, or followed by another attempt, and nothing else', () => {
  const status = fc.constantFrom('completed', ...STATUSES)
  const attempt = fc.integer({ min: 1, max: 5 })
  fc.assert(
    fc.property(attempt, fc.option(fc.tuple(attempt, status), { nil: undefined }), (own, run) => {
      const verdict = judgeRun(made(own), run && found(...run))
      const isOver = run !== undefined && (own < run[0] || (own === run[0] && run[1] === 'completed'))
      expect(verdict === 'over').toBe(isOver)
    }),
  )
})
