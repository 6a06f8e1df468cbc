import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { testWithModes } from '../support/platform.ts'
import { ROOT } from '../support/runner.ts'

test('each test run has its own', () => {
  expect(process.env.TEST_RUN_FOLDER).toMatch(/[/\\]tests-\w{6}$/)
  expect(tmpdir()).toBe(process.env.TEST_RUN_FOLDER)
})

testWithModes("is readable for servers that have dropped root's privileges", () => {
  expect((statSync(tmpdir()).mode & 0o1777).toString(8)).toBe('1777')
})

test('is gone after the run, with everything in it', () => {
  const before = readdirSync(tmpdir())
  const support = new URL('../support/', import.meta.url)
  const script = `
    const { default: make } = await import('${support}make-temporary-folder.mjs')
    const { default: remove } = await import('${support}remove-temporary-folder.mjs')
    const { mkdtempSync, writeFileSync, existsSync } = await import('node:fs')
    const os = await import('node:os')
    make()
    writeFileSync(mkdtempSync(os.tmpdir() + '/runner-') + '/left.txt', 'left')
    console.log(os.tmpdir(), existsSync(os.tmpdir()))
    remove()
    console.log(existsSync(process.env.TEST_RUN_FOLDER))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  const [made = '', gone] = stdout.trim().split('\n')
  expect(made).toMatch(/tests-\w{6} true$/)
  expect(dirname(made.split(' ')[0] ?? '')).toBe(tmpdir())
  expect(gone).toBe('false')
  expect(readdirSync(tmpdir()).filter(name => !before.includes(name) && name.startsWith('tests-'))).toEqual(
    [],
  )
})

test('Jest creates and removes it', async () => {
  const config = (await import(join(ROOT, 'jest.config.js'))) as { default: Record<string, unknown> }
  expect(config.default).toMatchObject({
    globalSetup: expect.stringMatching(/make-temporary-folder\.mjs$/),
    globalTeardown: expect.stringMatching(/remove-temporary-folder\.mjs$/),
  })
})
