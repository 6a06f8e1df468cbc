// What @actions/core prints and writes, for unit tests of the folder that uses it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { EOL, tmpdir } from 'node:os'
import { join } from 'node:path'
import { jest } from '@jest/globals'
import { readCommandFile } from './runner.ts'

/** Runs `act` and returns what it printed, with this system's line endings as `\n`. */
export function printed(act: () => void): string {
  let text = ''
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    text += String(chunk)
    return true
  })
  try {
    act()
  } finally {
    spy.mockRestore()
  }
  return text.replaceAll(EOL, '\n')
}

/** The values that `act` masks. */
export function masked(act: () => void): string[] {
  return printed(act)
    .split('\n')
    .filter(line => line.startsWith('::add-mask::'))
    .map(line =>
      line
        .slice('::add-mask::'.length)
        .replaceAll('%0A', '\n')
        .replaceAll('%0D', '\r')
        .replaceAll('%25', '%'),
    )
}

/** Runs `act` with these variables, and without them afterwards. */
export function withEnv<T>(env: Record<string, string>, act: () => T): T {
  const before = Object.fromEntries(Object.keys(env).map(name => [name, process.env[name]]))
  Object.assign(process.env, env)
  try {
    return act()
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

/** The state that `act` saves, as a later process would see it. */
export function savedState(act: () => void): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'state-test-'))
  const path = join(folder, 'state')
  writeFileSync(path, '')
  try {
    withEnv({ GITHUB_STATE: path }, act)
    return readCommandFile(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
