// Debian's nginx in front of the mTLS host, as an on-premises DigiCert ONE has it: it terminates TLS, checks client
// certificates, and tells the application behind it what it received.
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Emulator } from '../../emulator/index.ts'
import type { ServerCertificate } from '../../emulator/server-certificates.ts'
import { type Daemon, freePort, serverFolder, startDaemon } from '../support/daemon.ts'
import { call } from '../support/emulator-client.ts'

export interface NginxOptions {
  verify: 'on' | 'optional_no_ca'
  tls: 'TLSv1.2' | 'TLSv1.3'
  certificate: ServerCertificate
  /** further directives of the server */
  directives?: string[]
}

export interface Nginx extends Daemon {
  /** `verdict status`: nginx's verdict on the client certificate of each request, and the response status */
  answers: string[]
}

export async function startNginx(emulator: Emulator, options: NginxOptions): Promise<Nginx> {
  const port = await freePort()
  const folder = serverFolder('nginx')
  const { cert, key } = options.certificate
  for (const [name, text] of Object.entries({
    'server.pem': cert,
    'server.key': key,
    'clients.pem': emulator.clientCaPem,
    'nginx.conf': '',
  })) {
    writeFileSync(join(folder, name), text)
  }
  const application = await startApplication(emulator)
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, application.port, options))
  const command = ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr']
  const daemon = await startDaemon(command, { port, folder }).catch(async (error: unknown) => {
    await application.close()
    throw error
  })
  return {
    port,
    answers: application.answers,
    close: async () => {
      await daemon.close()
      await application.close()
    },
  }
}

function configuration(
  port: number,
  applicationPort: number,
  { verify, tls, directives = [] }: NginxOptions,
) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  ${temporary.map(kind => `${kind}_temp_path ${kind};`).join(' ')}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    ssl_protocols ${tls};
    ssl_verify_client ${verify};
    ssl_client_certificate clients.pem;
    ${directives.join(' ')}
    location / {
      proxy_pass http://127.0.0.1:${applicationPort};
      proxy_set_header X-Client-Certificate $ssl_client_escaped_cert;
      proxy_set_header X-Client-Verdict $ssl_client_verify;
    }
  }
}
`
}

/** The application behind nginx: accepts what nginx accepted and DigiCert ONE has enabled. */
async function startApplication(emulator: Emulator) {
  const answers: string[] = []
  const server = http.createServer(async (request, response) => {
    const verdict = String(request.headers['x-client-verdict'])
    const pem = decodeURIComponent(String(request.headers['x-client-certificate'] ?? ''))
    const mayEnter = verdict === 'SUCCESS' && isEnabled(emulator, pem)
    const { status, text } = mayEnter ? await call(emulator) : REFUSAL
    answers.push(`${verdict} ${status}`)
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    answers,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const REFUSAL = {
  status: 403,
  text: JSON.stringify({ errors: [{ code: 'access_denied', message: 'Client certificate refused' }] }),
}

function isEnabled({ certificates }: Emulator, pem: string): boolean {
  const { fingerprint256 } = new X509Certificate(pem)
  return certificates.some(record => record.fingerprint256 === fingerprint256 && record.enabled)
}
