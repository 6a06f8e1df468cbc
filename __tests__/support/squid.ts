// Debian's squid as the proxy of a company: it resolves names that nothing else resolves, and writes down every tunnel.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerCertificate } from '../../emulator/server-certificates.ts'
import { type Daemon, freePort, serverFolder, startDaemon } from './daemon.ts'
import { runOk } from './p12-tools.ts'

export interface SquidOptions {
  /** names that it alone knows; all lead to 127.0.0.1 */
  names?: string[]
  /** who may use it, by Basic authentication; default everybody */
  user?: { name: string; password: string }
  /** makes it an https proxy */
  certificate?: ServerCertificate
  /** a name that it lets nobody through to */
  denied?: string
}

export interface Squid extends Daemon {
  /** `status authority user` of every CONNECT; waits for this many, because each is written when it has ended */
  tunnels(atLeast: number): Promise<string[]>
}

export async function startSquid(options: SquidOptions = {}): Promise<Squid> {
  const port = await freePort()
  const folder = serverFolder('squid')
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o644 })
    return join(folder, name)
  }
  const hosts = file('hosts', (options.names ?? []).map(name => `127.0.0.1 ${name}\n`).join(''))
  const log = join(folder, 'tunnels.log')
  const lines = [
    listen(port, options.certificate, file),
    `hosts_file ${hosts}`,
    'logformat tunnels %>Hs %ru %un',
    `access_log stdio:${log} tunnels`,
    'cache_log /dev/null',
    'cache deny all',
    'pid_filename none',
    `coredump_dir ${folder}`,
    'pinger_enable off',
    'shutdown_lifetime 0 seconds',
    'max_filedescriptors 1024',
    'visible_hostname proxy.example',
    ...(await authentication(options.user, file)),
    ...(options.denied === undefined
      ? []
      : [`acl denied dstdomain ${options.denied}`, 'http_access deny denied']),
    `http_access allow ${options.user === undefined ? 'all' : 'known'}`,
    'http_access deny all',
  ]
  const configuration = file('squid.conf', `${lines.join('\n')}\n`)
  const daemon = await startDaemon(['squid', '-N', '-n', `squid${port}`, '-f', configuration], {
    port,
    folder,
  })
  return { ...daemon, tunnels: atLeast => readAtLeast(atLeast, log) }
}

function listen(
  port: number,
  certificate: ServerCertificate | undefined,
  file: (name: string, content: string) => string,
): string {
  if (certificate === undefined) return `http_port 127.0.0.1:${port}`
  return `https_port 127.0.0.1:${port} tls-cert=${file('proxy.pem', certificate.cert + certificate.key)}`
}

async function authentication(
  user: SquidOptions['user'],
  file: (name: string, content: string) => string,
): Promise<string[]> {
  if (user === undefined) return []
  const hash = await runOk('openssl', ['passwd', '-apr1', '-stdin'], user.password)
  const passwords = file('passwords', `${user.name}:${hash.trim()}\n`)
  return [
    `auth_param basic program /usr/lib/squid/basic_ncsa_auth ${passwords}`,
    'auth_param basic children 1',
    'auth_param basic realm the test',
    'acl known proxy_auth REQUIRED',
  ]
}

async function readAtLeast(count: number, log: string): Promise<string[]> {
  for (let attempt = 0; attempt < 100 && read(log).length < count; attempt++) await sleep(50)
  return read(log)
}

function read(log: string): string[] {
  try {
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter(line => /:\d+ /.test(line))
  } catch {
    return []
  }
}
