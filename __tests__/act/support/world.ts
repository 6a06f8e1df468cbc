// What a job talks to, under the names that workflows use: DigiCert ONE, GitHub, a timestamp authority.
import 'reflect-metadata'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import { createAuthority } from '../../../emulator/ca.ts'
import { type Github, startGithub } from '../../../emulator/github/index.ts'
import { DAY, type Emulator, startEmulator } from '../../../emulator/index.ts'
import { createServerCertificate } from '../../../emulator/server-certificates.ts'
import { JSIGN } from '../../support/jsign.ts'
import { type Network, startNetwork } from './network.ts'
import { createTimestampAuthority } from './timestamps.ts'

const LATER = fileURLToPath(new URL('../../support/later.mjs', import.meta.url))
const SMCTL = fileURLToPath(new URL('../stand-ins/smctl', import.meta.url))
const DOWNLOAD_HOSTS = ['github.com', 'pki-downloads.digicert.com'] as const

interface Parts {
  digicert: Emulator
  github: Github
  network: Network
  downloads: https.Server
  folder: string
  /** for Java, with this password */
  truststore: string
}
const TRUSTSTORE_PASSWORD = 'changeit'

export class World {
  #parts: Parts | undefined
  #ahead = 0

  get digicert(): Emulator {
    return this.#started().digicert
  }

  get github(): Github {
    return this.#started().github
  }

  /** Every request to a host that this world does not have. */
  get refused(): string[] {
    return this.#started().network.refused
  }

  async start(): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'act-world-'))
    const digicert = await startEmulator({ host: 'one.digicert.com' })
    const github = await startGithub({ host: 'api.github.com', clock: digicert.clock })
    const downloads = await startDownloads()
    const timestamps = createTimestampAuthority(folder)
    const network = await startNetwork({
      tunnels: {
        'one.digicert.com:443': digicert.port,
        'clientauth.one.digicert.com:443': digicert.port,
        'api.github.com:443': github.port,
        ...Object.fromEntries(DOWNLOAD_HOSTS.map(host => [`${host}:443`, portOf(downloads.server)])),
      },
      plain: { 'timestamp.digicert.com': timestamps.answer },
    })
    const { certificate } = await digicert.keypair()
    const codeSigning = certificate.chainPem.join('\n')
    const own = [digicert.caPem, github.caPem, downloads.caPem, codeSigning, timestamps.caPem]
    writeFileSync(join(folder, 'own.pem'), own.join('\n'))
    writeFileSync(join(folder, 'all.pem'), [...rootCertificates, ...own].join('\n'))
    const truststore = createTruststore(folder, own)
    this.#parts = { digicert, github, network, downloads: downloads.server, folder, truststore }
  }

  reset(): void {
    const { digicert, github, network } = this.#started()
    this.#ahead = 0
    digicert.reset()
    github.reset()
    network.refused.length = 0
  }

  async close(): Promise<void> {
    if (this.#parts === undefined) return
    const { digicert, github, network, downloads, folder } = this.#parts
    downloads.closeAllConnections()
    downloads.close()
    await Promise.all([network.close(), digicert.close(), github.close()])
    rmSync(folder, { recursive: true, force: true })
  }

  /** For DigiCert ONE, GitHub and the next jobs, it is this much later. */
  later(days: number): void {
    this.#ahead += days * DAY
    this.digicert.clock.offset(this.#ahead)
  }

  /**
   * What an administrator sets up on a self-hosted runner: the proxy, and the CAs that are trusted in addition to the usual ones,
   * for Node, curl, Java and the stand-ins for tools.
   */
  runner(): Record<string, string> {
    const { network, folder, truststore } = this.#started()
    const java = {
      'https.proxyHost': '127.0.0.1',
      'https.proxyPort': network.port,
      'http.proxyHost': '127.0.0.1',
      'http.proxyPort': network.port,
      'javax.net.ssl.trustStore': truststore,
      'javax.net.ssl.trustStorePassword': TRUSTSTORE_PASSWORD,
    }
    return {
      HTTPS_PROXY: network.url,
      HTTP_PROXY: network.url,
      http_proxy: network.url, // curl only reads this one in lower case
      NO_PROXY: 'localhost',
      NODE_EXTRA_CA_CERTS: join(folder, 'own.pem'),
      CURL_CA_BUNDLE: join(folder, 'all.pem'),
      JAVA_TOOL_OPTIONS: Object.entries(java)
        .map(([name, value]) => `-D${name}=${value}`)
        .join(' '),
      NODE_OPTIONS: `--import=${LATER}`,
      CLOCK_AHEAD_MS: String(this.#ahead),
      STAND_IN_JSIGN: JSIGN.jar,
      STAND_IN_CA_FILE: join(folder, 'all.pem'),
      STAND_IN_TRUSTSTORE: truststore,
      STAND_IN_TRUSTSTORE_PASSWORD: TRUSTSTORE_PASSWORD,
    }
  }

  #started(): Parts {
    if (this.#parts === undefined) throw new Error('the world is there inside tests only')
    return this.#parts
  }
}

/** github.com and DigiCert's download server, as far as one file each; DigiCert publishes a digest next to it. */
async function startDownloads(): Promise<{ server: https.Server; caPem: string }> {
  const authority = await createAuthority({ commonName: 'Test download CA', key: 'ec' })
  const certificate = await createServerCertificate(authority, 'valid', [...DOWNLOAD_HOSTS])
  const smctl = readFileSync(SMCTL)
  const files = new Map<string, string | Buffer>([
    ['/ebourg/jsign/releases/download/7.5/jsign-7.5.jar', readFileSync(JSIGN.jar)],
    ['/stm/latest/smctl', smctl],
    ['/stm/latest/smctl.sha256', `${createHash('sha256').update(smctl).digest('hex')}  smctl\n`],
  ])
  const server = https.createServer(certificate, (request, response) => {
    const file = files.get(request.url ?? '')
    if (file === undefined) return response.writeHead(404).end()
    response.end(file)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, caPem: authority.certificatePem }
}

function portOf(server: https.Server): number {
  return (server.address() as AddressInfo).port
}

function createTruststore(folder: string, pems: string[]): string {
  const path = join(folder, 'truststore.p12')
  mkdirSync(join(folder, 'anchors'))
  const certificates = pems.join('\n').match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  for (const [index, pem] of certificates.entries()) {
    const file = join(folder, 'anchors', `${index}.pem`)
    writeFileSync(file, pem)
    const store = ['-keystore', path, '-storepass', TRUSTSTORE_PASSWORD, '-noprompt']
    execFileSync('keytool', ['-importcert', '-file', file, '-alias', String(index), ...store], {
      stdio: 'pipe',
    })
  }
  return path
}

/** One world for a test file, reset before each test. */
export function useWorld(): World {
  const world = new World()
  beforeAll(() => world.start())
  beforeEach(() => world.reset())
  afterAll(() => world.close())
  return world
}
