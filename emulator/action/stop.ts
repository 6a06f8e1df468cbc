// The post step: stops the server, and lists the certificates that it issued and nobody disabled.
import { once } from 'node:events'
import https from 'node:https'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { endGroup, getState, info, startGroup, summary, warning } from '@actions/core'
import { Folder, type Ready } from './folder.ts'
import { wantsSummary } from './inputs.ts'

const TITLE = 'Embedded DigiCert ONE'
const RESPONSE_WITHIN_MS = 10_000
const STOPPED_WITHIN_MS = 10_000

interface Certificate {
  id: string
  name: string
  enabled: boolean
}

async function stop(): Promise<void> {
  const folder = Folder.find(getState('folder'))
  if (folder === undefined) return
  const ready = folder.ready()
  // A server that was just about to start finds its folder gone.
  if (ready === undefined) return folder.remove()
  try {
    await stopServer(folder, ready)
  } finally {
    folder.remove()
  }
}

async function stopServer(folder: Folder, ready: Ready): Promise<void> {
  showLog(folder)
  const certificates = await listCertificates(folder, ready).catch(() => undefined)
  if (certificates === undefined) {
    warning('The emulator stopped before the end of the job, so it is not known what is still enabled.', {
      title: TITLE,
    })
    return
  }
  // Only the process that made this CA can have responded with it, so it is alive, and the number is still its own.
  kill(ready.pid, 'SIGTERM')
  if (!(await hasStopped(ready.port))) kill(ready.pid, 'SIGKILL')
  await tell(certificates.filter(({ id }) => id !== ready.storedId))
}

function listCertificates(folder: Folder, { port, apiKey }: Ready): Promise<Certificate[]> {
  return new Promise((resolve, reject) => {
    const request = https.get(
      {
        host: '127.0.0.1',
        port,
        servername: 'localhost',
        path: '/account/api/v1/client-auth-certificate',
        headers: { host: `localhost:${port}`, 'x-api-key': apiKey },
        ca: folder.read('ca.pem'),
        timeout: RESPONSE_WITHIN_MS,
        agent: false,
      },
      async response => {
        try {
          resolve(JSON.parse((await response.toArray()).join('')) as Certificate[])
        } catch (error) {
          reject(error)
        }
      },
    )
    request.on('timeout', () => request.destroy(new Error('no response')))
    request.on('error', reject)
  })
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has just stopped by itself.
  }
}

/** The process number cannot tell: in a container, dead processes may never be reaped. */
async function hasStopped(port: number): Promise<boolean> {
  const deadline = Date.now() + STOPPED_WITHIN_MS
  while (Date.now() < deadline) {
    if (!(await isOpen(port))) return true
    await sleep(50)
  }
  return false
}

async function isOpen(port: number): Promise<boolean> {
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

function showLog(folder: Folder): void {
  const log = folder.read('log').trim()
  startGroup('Requests to the embedded DigiCert ONE')
  info(log === '' ? '(none)' : log)
  endGroup()
}

async function tell(issued: Certificate[]): Promise<void> {
  const enabled = issued.filter(certificate => certificate.enabled)
  const counted = `${issued.length} issued, ${enabled.length} still enabled`
  info(`The embedded DigiCert ONE has stopped: ${counted}.`)
  if (enabled.length > 0) {
    const names = enabled.map(({ name }) => `"${name}"`).join(', ')
    warning(`Still enabled at the end of the job: ${names}. The real DigiCert ONE would still accept them.`, {
      title: TITLE,
    })
  }
  // Nicknames have letters, digits, spaces, dashes and underscores; the API accepts no others.
  const rows = issued.map(({ name, enabled: on }) => [name, on ? 'still enabled' : 'disabled'])
  if (!wantsSummary() || rows.length === 0) return
  const header = ['Certificate', 'At the end of the job'].map(data => ({ data, header: true }))
  await summary
    .addHeading(`${TITLE}: ${counted}`, 3)
    .addTable([header, ...rows])
    .write()
}

// Whatever goes wrong here, the job has done its work.
void stop().catch((error: unknown) =>
  warning(`Could not stop the emulator: ${String(error)}`, { title: TITLE }),
)
