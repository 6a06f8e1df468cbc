// Secrets and lists that were edited on Windows: CRLF at the end of every input, and between the lines of those that have some.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from '@jest/globals'
import { OWN, useRotation } from '../support/rotation.ts'
import { ROOT, readAction } from '../support/runner.ts'
import { type Inputs, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'
import { SYSTEM } from '../support/system.ts'
import { stepsTest } from './support/steps.ts'

/** A password may end in any character, so what is around it is part of it. */
const AS_IS = 'p12-password'

/** Every input, including those with a default, as a Windows editor would save it. */
function withCrlf(folder: string, given: Inputs): Inputs {
  const defaults = Object.entries(readAction(join(ROOT, folder)).inputs).map(
    ([name, { default: value = '' }]) => [name, String(value)],
  )
  const all = Object.entries({ ...Object.fromEntries(defaults), ...given }) as [string, string][]
  return Object.fromEntries(
    all
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, name === AS_IS ? value : `${value.replaceAll(/\r?\n/g, '\r\n')}\r\n`]),
  )
}

/** As `certutil -encode` and `[Convert]::ToBase64String(…, 'InsertLineBreaks')` wrap it. */
const wrapped = (base64: string) => base64.replace(/.{76}/g, '$&\n')

describe('the root action', () => {
  const scene = useScene()

  stepsTest('issue', async () => {
    const inputs = {
      ...scene.inputs(),
      'require-permissions': 'SIGN_SM_HASH\nVIEW_SM_CERTIFICATE',
      'write-key': 'true',
    }
    const scenario = scene.scenario(withCrlf('', inputs))
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    await scenario.post()
    scenario.expectNothingLeft()
  })

  stepsTest('stored, as text and as a file', async () => {
    const { base64 } = await storedP12(scene.emulator)
    const text = wrapped(base64).replaceAll('\n', '\r\n')
    const common = { ...scene.inputs(), mode: 'stored', [AS_IS]: PASSWORD }
    const first = scene.scenario(withCrlf('', { ...common, p12: text }))
    const path = first.job.commandFile('stored.b64')
    writeFileSync(path, text)
    const second = scene.scenario(withCrlf('', { ...common, 'p12-file': SYSTEM.spell(path) }))
    for (const scenario of [first, second]) {
      const main = await scenario.main()
      expect(main).toMatchObject({ exitCode: 0, annotations: [] })
      expect(main.outputs['user-id']).not.toBe('')
      await scenario.post()
      expect(scenario.files()).toEqual([])
    }
  })
})

describe('check', () => {
  const scene = useScene({}, 'check')

  stepsTest('a name with a star', async () => {
    for (const name of ['nightly', 'weekly']) await scene.emulator.mint({ keyType: 'ec-p256', name })
    const main = await scene.scenario(withCrlf('check', { ...scene.inputs(), name: 'night*' })).main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.summary).toContain('nightly')
    expect(main.summary).not.toContain('weekly')
  })
})

describe('access', () => {
  const scene = useScene({}, 'access')

  stepsTest('a P12 that was wrapped', async () => {
    const { base64 } = await storedP12(scene.emulator)
    const inputs = { ...scene.inputs(), p12: wrapped(base64), [AS_IS]: PASSWORD, enabled: 'false' }
    const main = await scene.scenario(withCrlf('access', inputs)).main()
    expect(main.exitCode).toBe(0)
    expect(main.outputs.changed).toBe('true')
    expect(scene.enabled()).toEqual([])
  })
})

describe('rotate', () => {
  const rotation = useRotation()

  stepsTest('targets, one per line', async () => {
    const targets = [OWN, 'octo-org/app:release']
    const { base64 } = await rotation.store(targets)
    const given = { p12: wrapped(base64), [AS_IS]: PASSWORD, targets: targets.join('\n') }
    const main = await rotation.run(withCrlf('rotate', { ...rotation.inputs(), ...given }))
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.outputs.rotated).toBe('true')
    const held = await Promise.all(targets.map(target => rotation.held(target)))
    expect(new Set(held.map(({ id }) => id)).size).toBe(1)
  })
})
