// Debian's squid as the proxy of a company: it resolves names that nothing else resolves, and logs every tunnel.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerCertificate } from '../../emulator/server-certificates.ts'
import { type Daemon, freePort, serverFolder, startDaemon } from './daemon.ts'
import { runOk } from './p12-tools.ts'

export interface SquidOptions {
  /** names that only it knows; all lead to 127.0.0.1 */
  names?: string[]
  /** who may use it, with Basic authentication; default: everybody */
  user?: { name: string; password: string }
  /** makes it an https proxy */
  certificate?: ServerCertificate
  /** a name that it blocks for everybody */
  denied?: string
  /** opens every TLS connection, as a device that inspects traffic does, and trusts these servers */
  inspects?: { trusts: string }
}

export interface Squid extends Daemon {
  /** `status authority user` of every CONNECT; waits for this many, because each is written when it is closed */
  tunnels(atLeast: number): Promise<string[]>
  /** of the certificates that it presents when it inspects */
  caPem: string
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
  const inspection =
    options.inspects === undefined ? undefined : await inspect(port, folder, options.inspects.trusts, file)
  const lines = [
    ...(inspection?.lines ?? [listen(port, options.certificate, file)]),
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
  return { ...daemon, caPem: inspection?.caPem ?? '', tunnels: atLeast => readAtLeast(atLeast, log) }
}

function listen(
  port: number,
  certificate: ServerCertificate | undefined,
  file: (name: string, content: string) => string,
): string {
  if (certificate === undefined) return `http_port 127.0.0.1:${port}`
  return `https_port 127.0.0.1:${port} tls-cert=${file('proxy.pem', certificate.cert + certificate.key)}`
}

async function inspect(
  port: number,
  folder: string,
  trusts: string,
  file: (name: string, content: string) => string,
): Promise<{ lines: string[]; caPem: string }> {
  const [key, ca, database] = ['inspecting.key', 'inspecting.pem', 'made'].map(name => join(folder, name))
  const subject = ['-subj', '/CN=Inspecting proxy', '-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key ?? '']
  await runOk('openssl', ['req', '-x509', '-days', '2', ...subject, ...newKey, '-out', ca ?? ''])
  const caPem = readFileSync(ca ?? '', 'utf8')
  const maker = '/usr/lib/squid/security_file_certgen'
  await runOk(maker, ['-c', '-s', database ?? '', '-M', '4MB'])
  // It is created by the user who runs the test, and used by squid's own user.
  for (const path of ['', 'certs', 'index.txt', 'size']) chmodSync(join(database ?? '', path), 0o777)
  const both = file('both.pem', caPem + readFileSync(key ?? '', 'utf8'))
  const lines = [
    `http_port 127.0.0.1:${port} ssl-bump tls-cert=${both} generate-host-certificates=on`,
    `sslcrtd_program ${maker} -s ${database} -M 4MB`,
    'sslcrtd_children 1',
    'acl hello at_step SslBump1',
    'ssl_bump peek hello',
    'ssl_bump bump all',
    `tls_outgoing_options cafile=${file('trusts.pem', trusts)}`,
  ]
  return { lines, caPem }
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
