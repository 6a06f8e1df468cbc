import { STATUS_CODES } from 'node:http'

/** An HTTP response before it reaches a socket. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string | Buffer
  /** instead of `body`: a JSON string of this many bytes, produced while it is sent */
  size?: number
  /** instead of `body`: what is sent piece by piece, and never kept whole */
  pieces?: Iterable<string>
}

/**
 * DigiCert ONE writes errors in two ways, Software Trust in a third: `{"errors":[{code,message}]}`,
 * `{"error":{code,message}}`, `{"error":{status,message}}`. `spring` is what the framework beneath them writes when an
 * application does not: `{timestamp,status,error,path}`, with the reason phrase as `error`, and a message below 500.
 */
export type ErrorShape = 'errors' | 'error' | 'status' | 'spring'

/** What an error body says about the request; only `spring` does. */
export interface ErrorPlace {
  path: string
  time: Date
}

export interface ErrorText {
  code: string
  message: string
}

/** What a handler throws to refuse; becomes an error body in the current shape. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Record<string, string>

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.headers = headers
    this.name = 'Refusal'
    this.status = status
    this.code = code
  }
}

export const noAuthentication = (status = 403): Refusal =>
  new Refusal(status, 'AUTHORIZATION_ERROR', 'No authentication data provided')

export const invalidRequest = (message: string): Refusal => new Refusal(400, 'invalid_request', message)

export const notFound = (what: string): Refusal =>
  new Refusal(404, 'resource_not_found', `${what} was not found`)

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

export function noContent(): Answer {
  return { status: 204, headers: {}, body: '' }
}

export function html(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/html' }, body }
}

export function errorAnswer(status: number, error: ErrorText, shape: ErrorShape, place: ErrorPlace): Answer {
  return json(status, errorBody(status, error, shape, place))
}

function errorBody(
  status: number,
  { code, message }: ErrorText,
  shape: ErrorShape,
  { path, time }: ErrorPlace,
): unknown {
  if (shape === 'spring') {
    const error = STATUS_CODES[status] ?? 'None'
    const said = status < 500 ? { message } : {}
    return { timestamp: time.toISOString(), status, error, ...said, path }
  }
  if (shape === 'errors') return { errors: [{ code, message }] }
  if (shape === 'error') return { error: { code, message } }
  return { error: { status: code === '' ? String(status) : code, message } }
}

/** Since July 2026 the web application, and not the API, responds to every path with a doubled slash. */
export function webApplication(): Answer {
  return html(
    200,
    '<!doctype html>\n<html lang="en"><head><title>DigiCert ONE</title></head><body><div id="root"></div></body></html>\n',
  )
}

/** nginx with `ssl_verify_client on` responds to a refused client certificate with this page, before any application sees it. */
export function nginxRefusal(reason: 'missing' | 'bad'): Answer {
  const detail = reason === 'missing' ? 'No required SSL certificate was sent' : 'The SSL certificate error'
  const title = `400 ${detail}`
  return html(
    400,
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>${detail}</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
  )
}
