// The background process: a DigiCert ONE until it is stopped, its folder is gone, or its time is over.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { getCACertificates, rootCertificates } from 'node:tls'
import { DAY, type Emulator, type LoggedRequest, startEmulator } from '../index.ts'
import { writeKeyStore, writeTrustStore } from '../pkcs12.ts'
import { type Broken, Folder, type Ready, type ServeOptions } from './folder.ts'

const FRIENDLY_NAME = 'DigiCert Client Auth Certificate'
/** Java's own default; what it protects is public. */
const TRUSTSTORE_PASSWORD = 'changeit'
const LOOK_AFTER_FOLDER_MS = 1000

async function serve(options: ServeOptions, folder: Folder): Promise<void> {
  const emulator = await startEmulator({
    port: options.port,
    clientauthPort: options.clientauthPort,
    users: [userOf(options)],
    onRequest: printRequest,
  })
  await writeTrust(folder, emulator)
  const { certificate } = await emulator.keypair()
  folder.write('code-signing-ca.pem', certificate.chainPem.at(-1) ?? '')
  folder.write('ready.json', JSON.stringify(await describe(emulator, options)))
  const why = await untilTheEnd(folder, options.lifetimeSeconds)
  console.log(why)
  await emulator.close()
}

function userOf({ userName: friendlyName, permissions }: ServeOptions) {
  return permissions === undefined ? { friendlyName } : { friendlyName, permissions }
}

/** Clients that accept one file of CA certificates use it instead of the system's, so it contains the system's as well. */
async function writeTrust(folder: Folder, { caPem }: Emulator): Promise<void> {
  const all = [caPem.trim(), ...new Set(trustedAnyway().map(pem => pem.trim()))]
  folder.write('ca.pem', caPem)
  folder.write('ca-bundle.pem', `${all.join('\n')}\n`)
  folder.write('truststore.p12', await writeTrustStore(all, TRUSTSTORE_PASSWORD))
}

function trustedAnyway(): readonly string[] {
  // Node has it from 22.15 on; otherwise, what the container's Node trusts by default is the next best.
  if (typeof getCACertificates !== 'function') return [...rootCertificates, ...extraCertificates()]
  const system = getCACertificates('system')
  return [...(system.length > 0 ? system : getCACertificates('bundled')), ...getCACertificates('extra')]
}

function extraCertificates(): string[] {
  const path = process.env.NODE_EXTRA_CA_CERTS ?? ''
  return existsSync(path) ? [readFileSync(path, 'utf8')] : []
}

async function describe(emulator: Emulator, options: ServeOptions): Promise<Ready> {
  const now = Date.now()
  const {
    record,
    privateKeyPem = '',
    ...certificate
  } = await emulator.mint({
    name: 'stored P12',
    subject: 'CN=Stored P12, O=Example Inc, C=US',
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + options.p12ValiditySeconds * 1000),
  })
  const keypair = await emulator.keypair()
  const p12Password = randomBytes(20).toString('hex')
  const p12 = await writeKeyStore({ ...certificate, privateKeyPem, friendlyName: FRIENDLY_NAME }, p12Password)
  return {
    pid: process.pid,
    port: emulator.port,
    apiUrl: emulator.apiUrl,
    clientauthUrl: emulator.clientauthUrl,
    apiKey: emulator.apiKey,
    storedId: record?.id ?? '',
    p12: p12.toString('base64'),
    p12Password,
    truststorePassword: TRUSTSTORE_PASSWORD,
    certificateAlias: keypair.certificate.alias,
    keypairAlias: keypair.alias,
  }
}

/** @returns why it stops */
function untilTheEnd(folder: Folder, lifetimeSeconds: number): Promise<string> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(`Got ${signal}.`))
    setTimeout(() => resolve('Its lifetime is over.'), lifetimeSeconds * 1000).unref()
    setInterval(() => {
      if (!folder.exists) resolve('Its folder is gone.')
    }, LOOK_AFTER_FOLDER_MS)
  })
}

function printRequest({ host, method, path, status, verdict }: LoggedRequest): void {
  const certificate = verdict === undefined ? '' : ` (client certificate: ${verdict})`
  console.log(`${host.padEnd(10)} ${method.padEnd(4)} ${path} ${status ?? 'broken'}${certificate}`)
}

function explain(error: unknown): Broken {
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException
  return { code, message }
}

async function run(options: ServeOptions): Promise<void> {
  const folder = Folder.find(options.folder)
  if (!folder?.exists) return
  try {
    await serve(options, folder)
  } catch (error) {
    if (folder.exists) folder.write('broken.json', JSON.stringify(explain(error)))
  }
  process.exit()
}

void run(JSON.parse(process.argv[2] ?? '') as ServeOptions)
