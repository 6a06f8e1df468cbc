import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { ActionError, hasCode } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import { Endpoint, type EndpointOptions, ExchangeError } from '../net/endpoint.ts'
import { isLasting } from '../net/errors.ts'
import { type HttpAnswer, isSuccess, isTransient } from '../net/exchange.ts'
import { nativeCode } from '../net/native-codes.ts'
import { Again, askedWait, Budget, withRetries } from '../net/retry.ts'
import type { BasicPorts } from '../ports.ts'
import { MAX_FILE_BYTES, written } from './copy.ts'
import { downloadFailed, explainExchange, misdirected, notHandedOut } from './errors.ts'

export interface Network extends EndpointOptions {
  retries: number
  /** `User-Agent`: the action and its version. */
  userAgent: string
}

/** All attempts together begin within this time, and each of them lasts no longer than it. */
const LONGEST_MS = 10 * 60_000
const MAX_TEXT_BYTES = 64 * 1024
const MAX_REDIRECTS = 5
const REDIRECTS = [301, 302, 303, 307, 308]

/**
 * Downloads a small text.
 * @throws ActionError SMCTL_DOWNLOAD
 */
export function downloadText(url: URL, network: Network, ports: BasicPorts): Promise<string> {
  return download({ url, maxBytes: MAX_TEXT_BYTES, read: answer => answer.text() }, network, ports)
}

/**
 * Downloads a file, for its owner alone and executable.
 * @returns its SHA-256 in lower-case hex, and its length
 * @throws ActionError SMCTL_DOWNLOAD, FILE_WRITE
 */
export function downloadFile(
  url: URL,
  path: string,
  network: Network,
  ports: BasicPorts,
): Promise<{ digest: string; bytes: number }> {
  return download(
    { url, maxBytes: MAX_FILE_BYTES, read: answer => writeFile(path, answer.chunks) },
    network,
    ports,
  )
}

interface Wanted<T> {
  url: URL
  maxBytes: number
  read(answer: HttpAnswer): Promise<T>
}

async function download<T>(wanted: Wanted<T>, network: Network, ports: BasicPorts): Promise<T> {
  const policy = { retries: network.retries, budget: new Budget(LONGEST_MS, ports.clock) }
  try {
    return await withRetries(policy, ports, () => follow(wanted, network, ports))
  } catch (error) {
    throw error instanceof ActionError && !hasCode(error, 'FILE_WRITE')
      ? downloadFailed(wanted.url, error)
      : error
  }
}

/** One attempt: as far as redirects lead. */
async function follow<T>(wanted: Wanted<T>, network: Network, ports: BasicPorts): Promise<T> {
  let { url } = wanted
  for (let count = 0; count <= MAX_REDIRECTS; count++) {
    const answer = await get({ ...wanted, url }, network)
    if ('value' in answer) return answer.value
    if (!REDIRECTS.includes(answer.status)) throw refusal(url, answer, ports)
    url = redirected(url, answer)
  }
  throw misdirected(`${hostOf(wanted.url.origin)} redirects more than ${MAX_REDIRECTS} times.`)
}

type Unanswered = Pick<HttpAnswer, 'status' | 'headers'>

async function get<T>(
  { url, maxBytes, read }: Wanted<T>,
  network: Network,
): Promise<{ value: T } | Unanswered> {
  const endpoint = new Endpoint(url.origin, { ...network, transferMs: LONGEST_MS })
  const headers = { accept: '*/*', 'user-agent': network.userAgent }
  const request = { method: 'GET' as const, path: url.pathname + url.search, headers, maxBytes }
  try {
    return await endpoint.exchange(request, async answer =>
      isSuccess(answer) ? { value: await read(answer) } : { status: answer.status, headers: answer.headers },
    )
  } catch (error) {
    throw error instanceof ExchangeError ? noAnswer(error, url, network) : error
  } finally {
    await endpoint.close()
  }
}

/** What to throw for a request that got no response. */
function noAnswer(error: ExchangeError, url: URL, { timeoutMs }: Network): Error {
  const limitMs = nativeCode(error) === 'TimeoutError' ? LONGEST_MS : timeoutMs
  const reason = explainExchange(error, url, limitMs)
  return isLasting(error) ? reason : new Again(reason)
}

function refusal(url: URL, { status, headers }: Unanswered, { clock }: BasicPorts): Error {
  const reason = notHandedOut(url, status)
  return isTransient({ status }) ? new Again(reason, askedWait(headers, clock.now())) : reason
}

function redirected(from: URL, { headers: { location } }: Unanswered): URL {
  const found = typeof location === 'string' && URL.canParse(location, from.href)
  const url = found ? new URL(location, from.href) : undefined
  if (url?.protocol === 'https:') return url
  throw misdirected(`${hostOf(from.origin)} redirects to an address that is not https.`)
}

async function writeFile(
  path: string,
  body: AsyncIterable<Buffer>,
): Promise<{ digest: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  const file = await written(open(path, 'w', 0o700), path)
  try {
    for await (const chunk of body) {
      hash.update(chunk)
      bytes += chunk.length
      await written(file.appendFile(chunk), path)
    }
  } finally {
    await file.close()
  }
  return { digest: hash.digest('hex'), bytes }
}
