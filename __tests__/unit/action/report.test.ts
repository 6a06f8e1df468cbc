import { expect, test } from '@jest/globals'
import { report, reportAsWarning, toActionError } from '../../../src/action/report.ts'
import { ActionError } from '../../../src/errors.ts'
import { printed, withEnv } from '../../support/captured.ts'

const SECRET = 'Tr0ub4dor-and-3'
const ERROR = new ActionError(
  'TIMEOUT',
  { what: 'No answer.', why: 'Slow.', fix: 'Wait.' },
  new Error(SECRET),
)

test('an error is one annotation: what, why, fix, and where to read more', () => {
  const env = {
    GITHUB_ACTION_REPOSITORY: 'octo/cert',
    GITHUB_ACTION_REF: 'v1',
    RUNNER_DEBUG: '',
    GITHUB_SERVER_URL: 'https://ghe.example',
  }
  expect(printed(() => withEnv(env, () => report(ERROR)))).toBe(
    '::error title=DigiCert ONE client certificate%3A TIMEOUT::No answer.%0ALikely cause: Slow.%0AFix: Wait.%0A' +
      'See https://ghe.example/octo/cert/blob/v1/docs/troubleshooting.md#timeout\n',
  )
})

test('an error whose cause is known has no line for a likely one', () => {
  const error = new ActionError('INPUT_CONFLICT', { what: 'Both are set.', fix: 'Remove one of them.' })
  const env = { GITHUB_ACTION_REPOSITORY: '', RUNNER_DEBUG: '' }
  expect(printed(() => withEnv(env, () => report(error)))).toBe(
    '::error title=DigiCert ONE client certificate%3A INPUT_CONFLICT::Both are set.%0AFix: Remove one of them.%0A' +
      'See docs/troubleshooting.md#input_conflict\n',
  )
})

test('in the post step it is a warning', () => {
  const text = printed(() => reportAsWarning(ERROR))
  expect(text).toMatch(/^::warning title=[^:]*TIMEOUT::Cleaning up did not finish: No answer\./)
})

test.each([new TypeError(SECRET), SECRET, { message: SECRET }, undefined])(
  'reports a bug in this action without its message (%#)',
  error => {
    const words = toActionError(error)
    expect(words.code).toBe('INTERNAL')
    expect([words.message, words.why, words.fix].join()).not.toContain(SECRET)
  },
)

test('keeps our own errors as they are', () => {
  expect(toActionError(ERROR)).toBe(ERROR)
})

test('debug logging shows where it happened and the name of the cause, but not its message', () => {
  expect(printed(() => withEnv({ RUNNER_DEBUG: '' }, () => report(ERROR)))).not.toContain('::debug::')
  const debug = printed(() => withEnv({ RUNNER_DEBUG: '1' }, () => report(ERROR)))
  expect(debug).toMatch(/^::debug::ActionError /m)
  expect(debug).toMatch(/^::debug::at .+report\.test\.ts/m)
  expect(debug).not.toContain(SECRET)
})
