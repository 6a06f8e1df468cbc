// A client that knows nothing of src/: node:https and what a test tells it. The connection goes to 127.0.0.1 whatever
// the name, because not every resolver knows *.localhost (RFC 6761 §6.3).
import https from 'node:https'
import type { Emulator, HostKind } from '../../emulator/index.ts'

export interface CallOptions {
  host?: HostKind
  method?: string
  path?: string
  /** `null`: send none; default the emulator's first user's on the API host, none on the clientauth host */
  apiKey?: string | null
  /** client certificate and key, as `emulator.mint` returns them */
  certificate?: { certificatePem: string; privateKeyPem: string | undefined } | undefined
  /** an object is sent as JSON */
  body?: unknown
  contentType?: string
  /** default: a connection of its own for every call */
  agent?: https.Agent
  tls?: https.RequestOptions
}

export interface CallResult {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  json: unknown
}

export const CERTIFICATES = '/account/api/v1/client-auth-certificate'
export const ME = '/account/api/v1/user/me'

export function call(emulator: Emulator, options: CallOptions = {}): Promise<CallResult> {
  const body = bodyOf(options.body)
  return new Promise((resolve, reject) => {
    const request = https.request(requestOptions(emulator, options), response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

function requestOptions(emulator: Emulator, options: CallOptions): https.RequestOptions {
  const host = options.host ?? 'api'
  const name = host === 'api' ? emulator.host : emulator.clientauthHost
  const { port } = new URL(host === 'api' ? emulator.apiUrl : emulator.clientauthUrl)
  const { certificatePem, privateKeyPem } = options.certificate ?? {}
  return {
    host: '127.0.0.1',
    port,
    servername: name,
    method: options.method ?? 'GET',
    path: options.path ?? ME,
    headers: headersOf(emulator, options, `${name}:${port}`),
    ca: emulator.caPem,
    ...(certificatePem === undefined ? {} : { cert: certificatePem, key: privateKeyPem ?? '' }),
    agent: options.agent ?? false,
    ...options.tls,
  }
}

function headersOf(emulator: Emulator, options: CallOptions, authority: string): Record<string, string> {
  const usual = options.host === 'clientauth' ? null : emulator.apiKey
  const apiKey = options.apiKey === undefined ? usual : options.apiKey
  return {
    host: authority,
    'user-agent': 'emulator-test',
    ...(apiKey === null ? {} : { 'x-api-key': apiKey }),
    ...(options.body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
  }
}

function bodyOf(body: unknown): string | undefined {
  return body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
