import { expect, test } from '@jest/globals'
import { fill, listedIn } from '../support/inventory.ts'
import { useScene } from '../support/scene.ts'

const scene = useScene({}, 'check')

test.each(['link', 'envelope'] as const)('reads all pages by %s, each once', async style => {
  scene.emulator.settings.paging = { style, size: 10 }
  fill(
    scene.emulator,
    Array.from({ length: 35 }, (_, index) => ({ days: 200 + index, name: `c${index}` })),
  )
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(0)
  expect(listedIn(main).map(({ name }) => name)).toEqual(
    Array.from({ length: 35 }, (_, index) => `c${index}`),
  )
  expect(scene.emulator.requests).toHaveLength(4)
})

test.each([
  [
    'a Link that leads to itself',
    { headers: { link: '</account/api/v1/client-auth-certificate>; rel="next"' } },
  ],
  ['a Link that always leads on', { headers: { link: '<?page=1>; rel="next", <?page=2>; rel="next"' } }],
  [
    'an envelope that never fills its total',
    { rewrite: (items: unknown) => ({ items, total: 1_000_000, offset: 0 }) },
  ],
])('stops on %s', async (_name, fault) => {
  fill(scene.emulator, [{ days: 200 }, { days: 210 }])
  scene.emulator.faults.add({ ...fault, times: Number.POSITIVE_INFINITY })
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(0)
  expect(listedIn(main)).toHaveLength(2)
  expect(scene.emulator.requests.length).toBeLessThan(5)
})
