// Runs a step as the runner does on Windows, and cancels it as the runner does: the step has a console without a window, and
// whatever is attached to that console gets Ctrl-C or Ctrl-Break.
//
//   node cancel-as-the-runner.ts <folder> <event> <program> [argument …]
//
// sends the event (a number of GenerateConsoleCtrlEvent) when there is a file `cancel` in the folder.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { consoleEventProgram } from './console-event.ts'

const LOOK_AGAIN_MS = 10
const INSIDE = 'INSIDE_A_CONSOLE'
const [folder = '', event = '', program = '', ...args] = process.argv.slice(2)
const output = join(folder, 'output')
const signal = join(folder, 'cancel')

if (process.env[INSIDE] === undefined) outside()
else inside()

/** Node gives a child its own console only when the child shares none of its streams. */
function outside(): void {
  const child = spawn(process.execPath, process.argv.slice(1), {
    env: { ...process.env, [INSIDE]: 'true' },
    stdio: 'ignore',
    windowsHide: true,
  })
  child.once('exit', code => {
    process.stdout.write(readFileSync(output))
    process.exitCode = code ?? 1
  })
}

function inside(): void {
  for (const heard of ['SIGINT', 'SIGBREAK'] as const) process.on(heard, () => undefined)
  const { [INSIDE]: _, ...env } = process.env
  const file = openSync(output, 'w')
  const child = spawn(program, args, { env, stdio: ['ignore', file, file] })
  const wait = setInterval(() => {
    if (!existsSync(signal)) return
    clearInterval(wait)
    send()
  }, LOOK_AGAIN_MS)
  child.once('exit', code => process.exit(code ?? 1))
}

/** Records the result: an event that was never sent must not be mistaken for a step that ignores it. */
function send(): void {
  const sender = join(folder, 'send.exe')
  writeFileSync(sender, consoleEventProgram(Number(event)))
  const { status, error } = spawnSync(sender, [], { stdio: 'ignore' })
  writeFileSync(join(folder, 'sent'), error === undefined ? String(status) : error.message)
  rmSync(sender, { force: true })
}
