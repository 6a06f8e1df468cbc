// Debian's servers, each in its own folder and on its own port, on 127.0.0.1 only, stopped by process id.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Daemon {
  port: number
  close(): Promise<void>
}

/** A folder for a server that has dropped root's privileges. */
export function serverFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  chmodSync(folder, 0o777)
  return folder
}

/** These servers do not support port 0, so a free one is found for them. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a server that stays in the foreground; resolves when its port accepts connections. */
export async function startDaemon(
  command: string[],
  { port, folder }: { port: number; folder: string },
): Promise<Daemon> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      said += String(piece)
    })
  }
  const close = async () => {
    await stop(child)
    rmSync(folder, { recursive: true, force: true })
  }
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) break
    if (await accepts(port)) return { port, close }
    await sleep(50)
  }
  await close()
  throw new Error(`${command.join(' ')} did not start:\n${said}`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(impatience)
}

/** Whether something listens on that port of this machine. */
export async function accepts(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
