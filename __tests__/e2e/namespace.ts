// A network namespace without any network: its own empty loopback, and one relay on it that leads to a proxy outside.
// What a step in there sends anywhere else cannot arrive. The relay leaves by a Unix socket, which is a file and so
// knows no namespaces.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { test } from '@jest/globals'
import { serverFolder } from '../support/daemon.ts'
import { isOn, skipping } from '../support/platform.ts'

export interface Namespace {
  /** where the proxy is, seen from inside */
  proxy: string
  /** the program that runs a step inside */
  within: string[]
  close(): Promise<void>
}

const RELAY = `
  const net = require('node:net')
  const server = net.createServer(inside => {
    const outside = net.connect(process.argv[1])
    for (const [from, to] of [[inside, outside], [outside, inside]]) from.on('error', () => to.destroy()).pipe(to)
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

/** A test that needs permission to create one: root has it, but not in every container. */
export function namespaceTest(title: string, body: () => Promise<void>): void {
  const testHere = mayMakeOne()
    ? test
    : skipping('network namespaces need Linux and root (and, in a container, CAP_SYS_ADMIN)')
  testHere(title, body)
}

export function mayMakeOne(): boolean {
  return isOn('Linux') && spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0
}

export async function startNamespace(proxyPort: number): Promise<Namespace> {
  const folder = serverFolder('namespace')
  const path = join(folder, 'proxy')
  const sockets = new Set<net.Socket>()
  const exit = net.createServer(inside => {
    const proxy = net.connect(proxyPort, '127.0.0.1')
    for (const socket of [inside, proxy]) sockets.add(socket)
    inside.on('error', () => proxy.destroy()).pipe(proxy)
    proxy.on('error', () => inside.destroy()).pipe(inside)
  })
  exit.listen(path)
  await once(exit, 'listening')
  const script = 'ip link set lo up && exec "$@"'
  const child = spawn('unshare', ['--net', 'sh', '-c', script, 'sh', process.execPath, '-e', RELAY, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    proxy: `127.0.0.1:${String(port).trim()}`,
    within: ['nsenter', `--net=/proc/${child.pid}/ns/net`, '--'],
    close: async () => {
      const ended = once(child, 'exit')
      child.kill()
      await ended
      for (const socket of sockets) socket.destroy()
      exit.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
