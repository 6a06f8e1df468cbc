import { expect, test } from '@jest/globals'
import { parseApiUrl } from '../../../src/github/api-url.ts'

test.each([
  ['', 'https://api.github.com'],
  ['https://api.github.com', 'https://api.github.com'],
  ['https://ghe.example.com/api/v3', 'https://ghe.example.com/api/v3'],
  [`https://ghe.example.com:8443/api/v3${'/'.repeat(50_000)}`, 'https://ghe.example.com:8443/api/v3'],
  ['HTTPS://GHE.example.com/', 'https://ghe.example.com'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['http://127.0.0.1:3000/api/v3', 'http://127.0.0.1:3000/api/v3'],
  ['http://127.1.2.3', 'http://127.1.2.3'],
  ['http://[::1]:3000', 'http://[::1]:3000'],
])('accepts %s', (text, url) => {
  expect(parseApiUrl(text)).toBe(url)
})

test.each([
  'http://api.github.com',
  'http://ghe.example.com/api/v3',
  'http://localhost.example.com',
  'http://127.0.0.1.example.com',
  'http://[::ffff:127.0.0.1]',
  'http://0.0.0.0',
  'http://10.0.0.1',
])('refuses %s: the token would be sent unprotected', text => {
  expect(() => parseApiUrl(text)).toThrow(
    expect.objectContaining({
      code: 'INPUT_INVALID',
      message: `GITHUB_API_URL is an http address (${new URL(text).host}), so nothing was sent to GitHub.`,
      fix: expect.stringContaining('https://'),
    }),
  )
})

test.each([
  ['api.github.com', /is not a URL/],
  ['ftp://api.github.com', /is not an https address/],
  ['httpsx://api.github.com', /is not an https address/],
  ['https://octocat:s3cret@api.github.com', /contains a user name or password/],
  ['https://api.github.com/?x=s3cret', /contains a query/],
  ['https://api.github.com/#s3cret', /contains a query/],
])('refuses %s without repeating it', (text, problem) => {
  expect(() => parseApiUrl(text)).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringMatching(problem) }),
  )
  expect(() => parseApiUrl(text)).not.toThrow('s3cret')
})
