// Windows deletes no file that a program has open, unless that program allows it. The post step names what it cannot delete, and
// deletes everything else: a signing tool that still runs must not keep the private key on disk.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from '@jest/globals'
import type { Job } from '../support/runner.ts'
import { useScene, warningsOf } from '../support/scene.ts'
import { IS_WINE, SYSTEM } from '../support/system.ts'
import { stepsTestOn } from './support/steps.ts'

const scene = useScene()
const testInUse = stepsTestOn('Windows', 'only Windows refuses to delete a file in use')

/**
 * Node allows others to delete what it opens, and `cmd` does not: on Windows a file that output is appended to, under Wine one
 * that input comes from.
 */
const REDIRECTION = IS_WINE ? '<' : '>>'

async function holdOpen(path: string, job: Job): Promise<{ release(): Promise<void> }> {
  const held = job.commandFile('held')
  const script = `${held}.mjs`
  const lines = [
    "import { existsSync, writeFileSync } from 'node:fs'",
    'const [, , file] = process.argv',
    "writeFileSync(file, 'held')",
    "setInterval(() => existsSync(file + '.release') && process.exit(), 20)",
    'setTimeout(() => process.exit(), 120_000)',
  ]
  writeFileSync(script, lines.join('\n'))
  const batch = `${held}.cmd`
  writeFileSync(batch, `@"%PROGRAM%" "%SCRIPT%" "%HELD%" ${REDIRECTION} "%FILE%"\r\n`)
  const [program = '', ...args] = [...SYSTEM.command, 'cmd.exe', '/d', '/c', SYSTEM.spell(batch)]
  const child = spawn(program, args, {
    env: {
      ...SYSTEM.env,
      PROGRAM: SYSTEM.node,
      SCRIPT: SYSTEM.spell(script),
      HELD: SYSTEM.spell(`${held}.now`),
      FILE: path,
    },
    stdio: 'ignore',
  })
  await untilThere(`${held}.now`, child)
  return {
    release: async () => {
      const ended = once(child, 'exit')
      writeFileSync(`${held}.now.release`, '')
      await ended
    },
  }
}

async function untilThere(path: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600 && child.exitCode === null; attempt++) {
    if (existsSync(path)) return
    await sleep(50)
  }
  throw new Error(`nothing keeps the file open: ${child.exitCode}`)
}

testInUse('the P12: a warning says that it still exists, and the certificate is disabled', async () => {
  const scenario = scene.scenario({ 'write-key': 'true' })
  const main = await scenario.main()
  const p12 = main.outputs['p12-file'] ?? ''
  const held = await holdOpen(p12, scenario.job)
  const post = await scenario.post()
  expect(post.exitCode).toBe(0)
  const folder = p12.slice(0, p12.lastIndexOf('\\'))
  const [warning, ...more] = warningsOf(post)
  expect(more).toEqual([])
  expect(warning).toContain(`Could not delete ${folder} (`)
  expect(warning).toContain('(FILE_WRITE)')
  expect(warning).toContain('The directory still contains client.p12. Delete that directory.')
  expect(scene.enabled()).toEqual([])
  expect(scenario.files().filter(file => file.includes('client.'))).toEqual([
    expect.stringMatching(/client\.p12$/),
  ])
  await held.release()
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})

testInUse('a program in the same folder: the private key and the P12 are deleted anyway', async () => {
  const scenario = scene.scenario({ 'write-key': 'true' })
  const main = await scenario.main()
  const p12 = main.outputs['p12-file'] ?? ''
  // By its name, it is deleted before the key.
  const tool = join(dirname(SYSTEM.locate(p12)), 'a-tool-in-use.exe')
  writeFileSync(tool, 'a program')
  const held = await holdOpen(SYSTEM.spell(tool), scenario.job)
  const post = await scenario.post()
  const [warning] = warningsOf(post)
  expect(warning).toContain(
    'The directory still contains a-tool-in-use.exe; the private key and the P12 are deleted. Delete that directory.',
  )
  expect(scenario.files().filter(file => file.includes('client.'))).toEqual([])
  await held.release()
  await scenario.post()
  scenario.expectNothingLeft()
})
