import { beforeAll, describe, expect, test } from '@jest/globals'
import type { TokenKind, TokenOptions } from '../../emulator/github/index.ts'
import { callGithub, type GithubCall, sealFor, useGithub } from '../support/github.ts'

const scene = useGithub()
const REPOSITORY = '/repos/acme/shop/actions/secrets'
const FOLDERS = [
  { folder: REPOSITORY, permission: 'secrets' },
  { folder: '/repos/acme/shop/environments/live/secrets', permission: 'environments' },
  { folder: '/orgs/acme/actions/secrets', permission: 'organization_secrets' },
]

beforeAll(() => {
  scene.github.addRepository('acme/shop', { environments: ['live'] })
  scene.github.addRepository('acme/bar')
  scene.github.addOrganization('acme')
})

const call = (options: GithubCall) => callGithub(scene.github, options)
const bearer = (options: TokenOptions) => `Bearer ${scene.github.addToken(options)}`

test('accepts both ways to send a token; none and a wrong one get 401', async () => {
  const path = `${REPOSITORY}/public-key`
  const { token } = scene.github
  for (const authorization of [`token ${token}`, `Bearer ${token}`]) {
    expect((await call({ path, authorization })).status).toBe(200)
  }
  const wrong = await call({ path, authorization: 'Bearer wrong' })
  expect([wrong.status, wrong.json]).toMatchObject([401, { message: 'Bad credentials' }])
  expect((await call({ path, authorization: null })).status).toBe(401)
  expect((await call({ path, authorization: token })).status).toBe(401)
})

test('every response has its own request id and the rate limit', async () => {
  const answers = await Promise.all([
    call({ path: `${REPOSITORY}/public-key` }),
    call({ path: '/nowhere' }),
    call({ path: `${REPOSITORY}/public-key`, authorization: 'Bearer wrong' }),
  ])
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 401])
  expect(new Set(answers.map(({ headers }) => headers['x-github-request-id'])).size).toBe(3)
  for (const { headers } of answers) expect(Number(headers['x-ratelimit-remaining'])).toBeGreaterThan(0)
})

describe.each(FOLDERS)('$permission', ({ folder, permission }) => {
  test('a token that may only read cannot write, and one without permissions can do neither', async () => {
    const body = { ...(await sealFor(scene.github, folder, 'value')), visibility: 'all' }
    const write = { method: 'PUT', path: `${folder}/P12`, body }
    const attempt = async (permissions: TokenOptions['permissions']) => {
      const authorization = bearer({ permissions })
      const answers = [
        await call({ path: `${folder}/public-key`, authorization }),
        await call({ ...write, authorization }),
        await call({ method: 'DELETE', path: `${folder}/P12`, authorization }),
      ]
      return answers.map(({ status, headers }) => [status, headers['x-accepted-github-permissions']])
    }
    const [reading, writing] = [`${permission}=read`, `${permission}=write`]
    const refused = [403, writing]
    expect(await attempt('none')).toEqual([[403, reading], refused, refused])
    expect(await attempt('read')).toEqual([[200, reading], refused, refused])
    expect(await attempt('write')).toEqual([
      [200, reading],
      [201, writing],
      [204, writing],
    ])
  })

  test('hides what a token cannot see', async () => {
    const elsewhere = bearer({ permissions: 'write', only: ['acme/bar', 'org:other'] })
    const here = bearer({ permissions: 'write', only: ['ACME/shop', 'org:Acme'] })
    const path = `${folder}/public-key`
    expect((await call({ path, authorization: elsewhere })).json).toMatchObject({ message: 'Not Found' })
    expect((await call({ path, authorization: here })).status).toBe(200)
  })
})

test.each<[TokenKind, string]>([
  ['github-token', 'Resource not accessible by integration'],
  ['app', 'Resource not accessible by integration'],
  ['pat', 'Resource not accessible by personal access token'],
])('a token of the kind %s reads %s', async (kind, message) => {
  const authorization = bearer({ permissions: 'none', kind })
  const { status, json } = await call({ path: `${REPOSITORY}/public-key`, authorization })
  expect([status, json]).toMatchObject([403, { message }])
})

test.each([
  '/repos/acme/none/actions/secrets/public-key',
  '/repos/acme/shop/environments/none/secrets/public-key',
  '/orgs/none/actions/secrets/public-key',
  '/repos/acme/shop/environments/a%2/secrets/P12',
  '/repos/acme/shop/actions/variables/A',
])('%s does not exist', async path => {
  const expected = path.includes('%2/') ? 400 : 404
  expect((await call({ path })).status).toBe(expected)
})
