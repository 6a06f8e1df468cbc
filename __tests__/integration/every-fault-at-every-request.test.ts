import { expect, test } from '@jest/globals'
import { holdMatrix } from '../support/faults/claims.ts'

const cells = holdMatrix(['issue', 'stored', 'post', 'check', 'access', 'leftovers'])

test('whatever happens to a request of `issue`, nothing is enabled after the post step', () => {
  const issue = cells().filter(({ operation }) => operation.name === 'issue')
  const after = issue.flatMap(({ once, lasting }) => [once?.afterwards ?? 'nothing', lasting.afterwards])
  expect(new Set(after)).toEqual(new Set(['nothing']))
})

test('whatever happens to a request of `access`, another run completes the change', () => {
  const access = cells().filter(({ operation }) => operation.name === 'access')
  const after = access.flatMap(({ once, lasting }) => [once?.afterwards ?? 'disabled', lasting.afterwards])
  expect(new Set(after)).toEqual(new Set(['disabled']))
})

test('whatever happens to a request of `leftovers`, another run disables what is left', () => {
  const leftovers = cells().filter(({ operation }) => operation.name === 'leftovers')
  const after = leftovers.flatMap(({ once, lasting }) => [once?.afterwards ?? 'nothing', lasting.afterwards])
  expect(new Set(after)).toEqual(new Set(['nothing']))
})

test('a post step that could not disable something says so', () => {
  const post = cells().filter(({ operation }) => operation.name === 'post')
  const results = post.flatMap(({ fault, once, lasting }) =>
    [once, lasting].flatMap(result => (result === undefined ? [] : [{ name: fault.name, ...result }])),
  )
  expect(results.some(({ outcome }) => outcome.startsWith('warning'))).toBe(true)
  const silent = results.filter(({ outcome, left }) => outcome === 'ok' && left !== 'nothing')
  // DigiCert ONE's code for a certificate that does not exist, so there is nothing left to disable.
  expect(new Set(silent.map(({ name }) => name))).toEqual(new Set(['404']))
})
