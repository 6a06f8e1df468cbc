import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import { CERTIFICATES, call } from '../support/emulator-client.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
beforeEach(() => emulator.reset())

const list = (query = '') => call(emulator, { path: `${CERTIFICATES}${query}` })
const names = (entries: unknown) => (entries as { name: string }[]).map(({ name }) => name)

test('makes and lists 10,000 records in no time', async () => {
  const start = performance.now()
  emulator.seed(10_000)
  const { json } = await list()
  expect(json).toHaveLength(10_000)
  expect(new Set((json as { serial_number: string }[]).map(entry => entry.serial_number)).size).toBe(10_000)
  expect(performance.now() - start).toBeLessThan(5000)
})

test('records contain what they are told, any text included, and can be disabled', async () => {
  const endDate = new Date('2026-05-01T00:00:00Z')
  const [record] = emulator.seed(1, () => ({ name: '::error::<b>', endDate }))
  const put = { method: 'PUT', path: `${CERTIFICATES}/${record?.id}/enable`, body: { enabled: false } }
  expect(await call(emulator, put)).toMatchObject({ status: 200 })
  expect((await list()).json).toMatchObject([
    { name: '::error::<b>', end_date: '2026-05-01T00:00:00Z', enabled: false },
  ])
})

test('pages by Link', async () => {
  emulator.settings.paging = { style: 'link', size: 2 }
  emulator.seed(5, n => ({ name: `c${n}` }))
  const seen: string[] = []
  let query: string | undefined = ''
  for (let n = 0; n < 10 && query !== undefined; n += 1) {
    const page = await list(query)
    seen.push(...names(page.json))
    query = /<[^?>]*(\?[^>]*)>; rel="next"/.exec(String(page.headers.link))?.[1]
  }
  expect(seen).toEqual(['c0', 'c1', 'c2', 'c3', 'c4'])
})

test('pages in an envelope', async () => {
  emulator.settings.paging = { style: 'envelope', size: 2 }
  emulator.seed(3, n => ({ name: `c${n}` }))
  expect((await list()).json).toMatchObject({
    offset: 0,
    limit: 2,
    total: 3,
    items: [{ name: 'c0' }, { name: 'c1' }],
  })
  expect((await list('?offset=2&limit=50')).json).toMatchObject({
    offset: 2,
    limit: 2,
    items: [{ name: 'c2' }],
  })
  expect((await list('?offset=9&limit=1')).json).toMatchObject({ offset: 9, limit: 1, items: [] })
})
