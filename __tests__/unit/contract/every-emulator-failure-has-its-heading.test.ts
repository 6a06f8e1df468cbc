import { expect, test } from '@jest/globals'
import { FAILURES } from '../../../emulator/action/failure.ts'
import { code, read, sectionOf } from './repository.ts'

const SECTION = sectionOf(read('docs/emulator.md'), 'When it does not start')
const SOURCE = ['inputs', 'folder', 'start'].map(name => code(`emulator/action/${name}.ts`)).join('\n')

test('docs/emulator.md has one heading for each, in the order of the source', () => {
  expect([...SECTION.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)).toEqual([...FAILURES])
})

test('each is thrown somewhere, and its message links to its heading', () => {
  expect(FAILURES.filter(name => !SOURCE.includes(`new Failure('${name}'`))).toEqual([])
  expect(code('emulator/action/failure.ts')).toContain('`docs/emulator.md#$' + '{code.toLowerCase()}`')
})
