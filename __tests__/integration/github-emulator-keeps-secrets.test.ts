import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { startGithub } from '../../emulator/github/index.ts'
import { callGithub, type GithubCall, sealFor, useGithub } from '../support/github.ts'

const scene = useGithub()
const REPOSITORY = '/repos/acme/shop/actions/secrets'
const ENVIRONMENT = '/repos/acme/shop/environments/live%2Feu/secrets'
const ORGANIZATION = '/orgs/acme/actions/secrets'
const FOLDERS = [
  { folder: REPOSITORY, scope: 'acme/shop', more: {} },
  { folder: ENVIRONMENT, scope: 'acme/shop:live/eu', more: {} },
  { folder: ORGANIZATION, scope: 'org:acme', more: { visibility: 'all' } },
]

let shop: number

beforeAll(() => {
  shop = scene.github.addRepository('acme/shop', { environments: ['live/eu'] })
  scene.github.addOrganization('acme')
})
beforeEach(() => scene.github.clock.set('2026-03-01T10:00:00.700Z'))

const call = (options: GithubCall) => callGithub(scene.github, options)
const put = (path: string, body: unknown) => call({ method: 'PUT', path, body })
const seal = (folder: string, value: string | Uint8Array) => sealFor(scene.github, folder, value)

describe.each(FOLDERS)('$scope', ({ folder, scope, more }) => {
  test('creates, replaces, describes (without its value) and deletes a sealed value', async () => {
    const { github } = scene
    const first = await put(`${folder}/P12`, { ...(await seal(folder, 'first ✓')), ...more })
    expect([first.status, first.text]).toEqual([201, '{}'])
    github.clock.advance(90_000)
    const second = await put(`${folder}/p12`, { ...(await seal(folder, 'second')), ...more })
    expect([second.status, second.text]).toEqual([204, ''])
    expect(github.secret(scope, 'p12')).toEqual({
      value: 'second',
      createdAt: new Date('2026-03-01T10:00:00Z'),
      updatedAt: new Date('2026-03-01T10:01:30Z'),
      ...more,
    })
    expect(await call({ path: `${folder}/p12` })).toMatchObject({ status: 200 })
    expect((await call({ path: `${folder}/p12` })).json).toEqual({
      name: 'P12',
      created_at: '2026-03-01T10:00:00Z',
      updated_at: '2026-03-01T10:01:30Z',
      ...more,
    })
    expect((await call({ method: 'DELETE', path: `${folder}/P12` })).status).toBe(204)
    expect(github.secret(scope, 'P12')).toBeUndefined()
    expect(await call({ path: `${folder}/P12` })).toMatchObject({
      status: 404,
      json: { message: 'Not Found' },
    })
    expect((await call({ method: 'DELETE', path: `${folder}/P12` })).status).toBe(404)
  })

  test('refuses a wrong key id, a box that does not open and a missing part, and stores nothing', async () => {
    const sealed = { ...(await seal(folder, 'value')), ...more }
    const wrong = [
      { ...sealed, key_id: '1' },
      { ...sealed, encrypted_value: Buffer.alloc(64).toString('base64') },
      { ...sealed, encrypted_value: 'not base64!' },
      { key_id: sealed.key_id, ...more },
      { encrypted_value: sealed.encrypted_value, ...more },
    ]
    for (const body of wrong) expect((await put(`${folder}/P12`, body)).status).toBe(422)
    for (const body of ['{', '[]x', 'null']) expect((await put(`${folder}/P12`, body)).status).toBe(400)
    expect(scene.github.secret(scope, 'P12')).toBeUndefined()
  })

  test.each(['GITHUB_P12', 'github_p12', '1ST', 'A-B', 'A%20B'])('refuses the name %s', async name => {
    expect((await put(`${folder}/${name}`, { ...(await seal(folder, 'value')), ...more })).status).toBe(422)
  })

  test('accepts 48 KB, but not a byte more', async () => {
    const body = async (size: number) => ({
      ...(await seal(folder, new Uint8Array(size).fill(120))),
      ...more,
    })
    expect((await put(`${folder}/P12`, await body(49_152))).status).toBe(201)
    expect((await put(`${folder}/P12`, await body(49_153))).status).toBe(422)
    expect(scene.github.secret(scope, 'P12')?.value).toHaveLength(49_152)
  })

  test('clients see what is set by hand', async () => {
    const { github } = scene
    github.setSecret(scope, 'hand', 'made', { updatedAt: new Date('2025-01-02T03:04:05Z') })
    expect((await call({ path: `${folder}/HAND` })).json).toMatchObject({
      name: 'HAND',
      updated_at: '2025-01-02T03:04:05Z',
    })
    github.deleteSecret(scope, 'Hand')
    expect((await call({ path: `${folder}/HAND` })).status).toBe(404)
  })
})

test('every scope has its own key, which stays the same', async () => {
  const keys = async () => Promise.all(FOLDERS.map(({ folder }) => call({ path: `${folder}/public-key` })))
  const first = (await keys()).map(({ json }) => json as { key: string; key_id: string })
  expect(new Set(first.map(({ key }) => key)).size).toBe(3)
  expect(new Set(first.map(({ key_id }) => key_id)).size).toBe(3)
  expect((await keys()).map(({ json }) => json)).toEqual(first)
  const elsewhere = await seal(REPOSITORY, 'value')
  const { key_id } = await seal(ENVIRONMENT, 'value')
  expect((await put(`${ENVIRONMENT}/P12`, { ...elsewhere, key_id })).json).toMatchObject({
    message: 'Improperly encrypted secret',
  })
})

test('names of owners, repositories and environments ignore case', async () => {
  const folder = '/repos/ACME/Shop/environments/LIVE%2feu/secrets'
  expect((await put(`${folder}/P12`, await seal(folder, 'value'))).status).toBe(201)
  expect(scene.github.secret('acme/shop:live/eu', 'P12')?.value).toBe('value')
})

test('adding a repository again keeps its id and secrets, and adds new environments', () => {
  const { github } = scene
  github.setSecret('acme/shop', 'P12', 'kept')
  expect(github.addRepository('Acme/Shop', { environments: ['late'] })).toBe(shop)
  expect(github.secret('acme/shop', 'P12')?.value).toBe('kept')
  expect(github.secret('acme/shop:late', 'P12')).toBeUndefined()
  expect(() => github.secret('acme/shop:never', 'P12')).toThrow('acme/shop:never')
})

describe('an organization secret', () => {
  test('requires a visibility, one of three', async () => {
    const sealed = await seal(ORGANIZATION, 'value')
    expect((await put(`${ORGANIZATION}/P12`, sealed)).status).toBe(422)
    expect((await put(`${ORGANIZATION}/P12`, { ...sealed, visibility: 'public' })).status).toBe(422)
    const elsewhere = scene.github.addRepository('other/shop')
    for (const ids of [[elsewhere], [999_999], ['1001'], 1001]) {
      const selected = { ...sealed, visibility: 'selected', selected_repository_ids: ids }
      expect((await put(`${ORGANIZATION}/P12`, selected)).status).toBe(422)
    }
    const all = { ...sealed, visibility: 'all', selected_repository_ids: [shop] }
    expect((await put(`${ORGANIZATION}/P12`, all)).status).toBe(422)
    expect(scene.github.secret('org:acme', 'P12')).toBeUndefined()
    expect((await put(`${ORGANIZATION}/P12`, { ...sealed, visibility: 'private' })).status).toBe(201)
    expect(scene.github.secret('org:acme', 'P12')?.visibility).toBe('private')
  })

  test('drops the repositories that a write omits', async () => {
    const { github } = scene
    const bar = github.addRepository('acme/bar')
    const secret = () => github.secret('org:acme', 'P12')
    github.setSecret('org:acme', 'P12', 'old', { visibility: 'selected', selectedRepositoryIds: [shop, bar] })
    const sealed = { ...(await seal(ORGANIZATION, 'new')), visibility: 'selected' }
    await put(`${ORGANIZATION}/P12`, { ...sealed, selected_repository_ids: [bar] })
    expect(secret()).toMatchObject({ value: 'new', visibility: 'selected', selectedRepositoryIds: [bar] })
    await put(`${ORGANIZATION}/P12`, sealed)
    expect(secret()?.selectedRepositoryIds).toEqual([])
  })

  test('lists its repositories in pages that link to each other', async () => {
    const { github } = scene
    const ids = Array.from({ length: 7 }, (_, n) => github.addRepository(`acme/page-${n}`))
    github.setSecret('org:acme', 'P12', 'x', { visibility: 'selected', selectedRepositoryIds: ids })
    const { json } = await call({ path: `${ORGANIZATION}/P12` })
    const { selected_repositories_url: url } = json as { selected_repositories_url: string }
    expect(url).toBe(`${github.apiUrl}${ORGANIZATION}/P12/repositories`)
    const seen: unknown[] = []
    let next: string | undefined = `${url}?per_page=3`
    for (let page = 1; next !== undefined && page < 9; page += 1) {
      const answer = await call({ path: next.slice(github.apiUrl.length) })
      const body = answer.json as { total_count: number; repositories: { id: number; full_name: string }[] }
      expect(body.total_count).toBe(7)
      seen.push(...body.repositories.map(({ id, full_name }) => [id, full_name]))
      next = /<([^>]+)>; rel="next"/.exec(String(answer.headers.link))?.[1]
    }
    expect(seen).toEqual(ids.map((id, n) => [id, `acme/page-${n}`]))
    expect(github.requests.filter(({ path }) => path.endsWith('/repositories'))).toHaveLength(3)
  })
})

test('GitHub Enterprise Server responds only below its base path, over plain HTTP when asked, with a shared clock', async () => {
  const server = await startGithub({ basePath: '/api/v3', tls: false, clock: scene.github.clock })
  try {
    expect(server.apiUrl).toBe(`http://localhost:${server.port}/api/v3`)
    server.addRepository('acme/shop')
    const sealed = await sealFor(server, REPOSITORY, 'value')
    const answer = await callGithub(server, { method: 'PUT', path: `${REPOSITORY}/P12`, body: sealed })
    expect(answer.status).toBe(201)
    expect(server.secret('acme/shop', 'P12')?.updatedAt).toEqual(new Date('2026-03-01T10:00:00Z'))
    const rootUrl = { ...server, apiUrl: server.apiUrl.replace('/api/v3', '') }
    expect((await callGithub(rootUrl, { path: `${REPOSITORY}/P12` })).status).toBe(404)
    server.reset()
    expect(scene.github.clock.now()).toEqual(new Date('2026-03-01T10:00:00.700Z'))
  } finally {
    await server.close()
  }
})
