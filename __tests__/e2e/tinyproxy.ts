// Debian's tinyproxy, which passes every tunnel on to another proxy.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, freePort, serverFolder, startDaemon } from '../support/daemon.ts'

export async function startTinyproxy(options: {
  upstreamPort: number
  user: { name: string; password: string }
}): Promise<Daemon> {
  const port = await freePort()
  const folder = serverFolder('tinyproxy')
  const { name, password } = options.user
  const lines = [
    `Port ${port}`,
    'Listen 127.0.0.1',
    `BasicAuth ${name} ${password}`,
    `Upstream http 127.0.0.1:${options.upstreamPort}`,
  ]
  const configuration = join(folder, 'tinyproxy.conf')
  writeFileSync(configuration, `${lines.join('\n')}\n`, { mode: 0o644 })
  return await startDaemon(['tinyproxy', '-d', '-c', configuration], { port, folder })
}
