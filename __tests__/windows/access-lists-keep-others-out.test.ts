// Windows has no file modes: an access list keeps other users out of the private directory.
//
// Wine has icacls in name only (in Wine 10 it prints nothing, changes nothing and exits with 0), and keeps no access lists.
// So there the test shows that the step runs it, from where Windows has it and before a key is written, and handles both its
// success and its failure. The resulting list is read on Windows; the arguments, which are the same everywhere, are in
// unit/windows.test.ts.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from '@jest/globals'
import { ALONE } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'
import { IS_WINE, SYSTEM } from '../support/system.ts'
import { stepsTestOn, windowsTest } from './support/steps.ts'

const scene = useScene()
const listTest = stepsTestOn('Windows', 'only Windows has access lists')

windowsTest('Wine keeps no access lists')(
  'only the owner, the system and administrators can access directory and files, which inherit nothing',
  async () => {
    const scenario = scene.scenario({ 'write-key': 'true' })
    const main = await scenario.main()
    const directory = dirname(main.outputs['p12-file'] ?? '')
    // As SDDL, whose names are the same in every language: OW owner, SY system, BA administrators, FA everything.
    const read = `(Get-Acl -LiteralPath '${directory}').Sddl`
    const { stdout } = spawnSync('powershell', ['-NoProfile', '-Command', read], { encoding: 'utf8' })
    const [, flags = '', list = ''] = /D:([A-Z]*)((?:\([^)]*\))+)/.exec(stdout) ?? []
    expect(flags).toContain('P') // protected: nothing is inherited
    expect(list.match(/\([^)]*\)/g)?.sort()).toEqual([
      '(A;OICI;FA;;;BA)',
      '(A;OICI;FA;;;OW)',
      '(A;OICI;FA;;;SY)',
    ])
    await scenario.post()
    scenario.expectNothingLeft()
  },
)

listTest('the step runs icacls, and no program of that name from the PATH', async () => {
  const decoy = mkdtempSync(join(tmpdir(), 'decoy-'))
  // If this one ran, the step would fail: it is not a program.
  writeFileSync(join(decoy, 'icacls.exe'), 'not a program')
  const path = SYSTEM.spell(decoy)
  const scenario = scene.scenario({}, IS_WINE ? { WINEPATH: path } : { PATH: path })
  const main = await scenario.main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  await scenario.post()
  scenario.expectNothingLeft()
})

// The permission model stands in for a machine where icacls may not run.
listTest('where icacls may not run, the step fails before a key is on disk', async () => {
  const scenario = scene.scenario()
  const nodeOptions = ALONE.filter(option => option !== '--allow-child-process')
  const main = await scenario.main({ nodeOptions })
  expect(main.exitCode).toBe(1)
  const { code, what, why } = errorOf(main)
  expect(code).toBe('FILE_WRITE')
  expect(what).toMatch(/^Could not keep other users of this runner out of .+ \(icacls failed\)\.$/)
  expect(why).toContain('icacls may not run here')
  await scenario.post()
  scenario.expectNothingLeft()
})
