// Everything that goes wrong between a client and a server, as the fault matrix knows it.
import type { FaultEffect } from '../../../emulator/index.ts'
import type { Fate } from '../gate.ts'

export type BadCertificate = 'untrusted' | 'self-signed' | 'expired' | 'not-yet-valid' | 'wrong-name'

export interface MatrixFault {
  name: string
  /** What the server does to the request; a function gets the time of the client. */
  http?: FaultEffect | ((now: Date) => FaultEffect)
  /** What happens to the connection that the request needs. */
  connection?: Fate | 'refuse' | BadCertificate | 'TLS 1.1'
  /** The host has a name that does not resolve, from the first request on. */
  unknownName?: true
  /** It cannot happen to a single connection. */
  lasting?: true
  /**
   * A property of the server rather than the request, or much like another: tested only at an operation's first
   * request to the server.
   */
  first?: true
  /** Only a timeout stops it. */
  hangs?: true
  /** It happens to a body, so a response without one arrives as usual. */
  needsBody?: true
}

const JSON_TYPE = 'application/json'
const answer = (status: number, more: object = {}) => ({ answer: { status, ...more } })
const done = (status: number, more: object = {}) => ({ ...answer(status, more), workDone: true })

const NETWORK: MatrixFault[] = [
  { name: 'the name does not resolve', unknownName: true, lasting: true, first: true },
  { name: 'connection refused', connection: 'refuse', lasting: true },
  { name: 'no connection within `timeout`', connection: 'silence', hangs: true },
  { name: 'TLS: reset in the handshake', connection: 'reset' },
  { name: 'TLS: plain HTTP on the port', connection: 'plain HTTP', first: true },
  { name: 'TLS: version 1.1 only', connection: 'TLS 1.1', first: true },
  { name: 'TLS: certificate of an unknown CA', connection: 'untrusted', first: true },
  { name: 'TLS: self-signed certificate', connection: 'self-signed', first: true },
  { name: 'TLS: expired certificate', connection: 'expired', first: true },
  { name: 'TLS: certificate not valid yet', connection: 'not-yet-valid', first: true },
  { name: 'TLS: certificate for another name', connection: 'wrong-name', first: true },
  { name: 'reset before the work is done', http: { reset: 'before-work' } },
  { name: 'reset after the work is done', http: { reset: 'after-work' } },
  { name: 'reset in the body', http: { reset: 'mid-answer' } },
  { name: 'closed in the body', http: { hangUp: 'mid-answer' }, first: true },
  { name: 'no response within `timeout`', http: { hold: 'before-work' }, hangs: true },
  { name: 'stalled body', http: { hold: 'mid-answer' }, hangs: true, first: true },
  { name: 'slow drip: one byte a tenth of a second', http: { drip: 100 }, hangs: true, needsBody: true },
]

const BODIES: MatrixFault[] = [
  { name: '200, truncated JSON', http: done(200, { body: '{"id":"', contentType: JSON_TYPE }) },
  { name: '200, empty body', http: done(200), first: true },
  { name: '204', http: done(204), first: true },
  { name: '200, web page', http: answer(200, { html: true }) },
  { name: '200, body of 10 GB', http: done(200, { size: 10_000_000_000 }) },
]

/** For 429 and 503. */
const RETRY_AFTER: [string, (now: Date) => string | undefined][] = [
  ['', () => undefined],
  [', `Retry-After: 2`', () => '2'],
  [', `Retry-After:` a date in 2 s', now => new Date(now.getTime() + 2_000).toUTCString()],
  [', `Retry-After: 0`', () => '0'],
  [', `Retry-After: 3600`', () => '3600'],
  [', `Retry-After: -5`', () => '-5'],
  [', `Retry-After: 1000000000000`', () => '1000000000000'],
  [', `Retry-After:` a date in 1970', () => new Date(0).toUTCString()],
  [', `Retry-After:` a date in 9999', () => 'Fri, 31 Dec 9999 23:59:59 GMT'],
  [', `Retry-After: soon`', () => 'soon'],
]

const STATUSES: MatrixFault[] = [
  ...[429, 503].flatMap(status =>
    RETRY_AFTER.map(([text, value], index) => ({
      name: `${status}${text}`,
      ...(index > 1 || status === 503 ? { first: true as const } : {}),
      http: (now: Date) => {
        const header = value(now)
        return answer(status, header === undefined ? {} : { headers: { 'retry-after': header } })
      },
    })),
  ),
  { name: '500', http: answer(500) },
  { name: '502, web page', http: answer(502, { html: '<html>Bad Gateway</html>' }), first: true },
  { name: '504 although the work is done', http: done(504) },
  { name: '400', http: answer(400), first: true },
  { name: '401', http: answer(401) },
  { name: '403', http: answer(403) },
  { name: '404', http: answer(404) },
]

export const FAULTS: readonly MatrixFault[] = [...NETWORK, ...BODIES, ...STATUSES]
