import { ActionError } from '../errors.ts'
import { isAddress } from '../net/address.ts'

/** The two addresses of one DigiCert ONE environment, as origins without a trailing slash. */
export interface Hosts {
  /** Takes the API key, e.g. `https://one.digicert.com`. */
  api: string
  /** Takes the client certificate, e.g. `https://clientauth.one.digicert.com`. */
  clientauth: string
}

const CLIENTAUTH_PREFIX = 'clientauth.'
export const DEFAULT_HOST = 'https://one.digicert.com'
const REGIONS = ['one.digicert.com', 'one.nl.digicert.com', 'one.ch.digicert.com', 'one.digicert.co.jp']
/** Each region's, and the demo environment beside it. */
export const KNOWN_HOSTS = REGIONS.flatMap(region => [region, `demo.${region}`]).join(', ')

/**
 * Reads the `host` and `clientauth-host` inputs. Users paste all of `one.digicert.com`,
 * `https://demo.one.digicert.com/` and `https://clientauth.one.digicert.com`.
 * @throws ActionError INPUT_INVALID
 */
export function parseHosts(host: string, clientauthHost: string): Hosts {
  const api = parseOrigin('host', host)
  if (api.hostname.startsWith(CLIENTAUTH_PREFIX)) api.hostname = api.hostname.slice(CLIENTAUTH_PREFIX.length)
  if (clientauthHost !== '')
    return { api: api.origin, clientauth: parseOrigin('clientauth-host', clientauthHost).origin }
  if (isAddress(api.hostname)) {
    throw invalid(
      'clientauth-host',
      `cannot be derived from the address ${api.hostname}`,
      'Give clientauth-host as well.',
    )
  }
  return { api: api.origin, clientauth: `https://${CLIENTAUTH_PREFIX}${api.host}` }
}

function parseOrigin(input: string, text: string): URL {
  const trimmed = text.trim()
  const withScheme = /^[a-z][a-z0-9+.-]*:\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  if (authorityOf(trimmed).includes('@')) {
    throw invalid(
      input,
      'contains a user name or password',
      'Give the host alone; the API key goes into `api-key`.',
    )
  }
  if (!URL.canParse(withScheme) || /[\s\\]/.test(trimmed)) {
    throw invalid(input, 'is not a host name', 'Write it like one.digicert.com or https://one.digicert.com.')
  }
  const url = new URL(withScheme)
  if (url.protocol !== 'https:') {
    throw invalid(
      input,
      `uses ${url.protocol.slice(0, -1)}`,
      'Only https is possible: write https:// or leave the scheme out.',
    )
  }
  if (!/^\/+$/.test(url.pathname) || /[?#]/.test(trimmed)) {
    throw invalid(input, 'has a path or a query', `Give the host only: ${url.host}`)
  }
  return url
}

/** What stands before the first slash, or before the first one after a scheme. */
function authorityOf(address: string): string {
  const [first = '', ...rest] = address.split('/')
  const second = rest.find(part => part !== '') ?? ''
  return first + second
}

function invalid(input: string, problem: string, fix: string): ActionError {
  return new ActionError('INPUT_INVALID', {
    what: `The input '${input}' ${problem}.`,
    why: `The value is misspelled, or more than a host was pasted: DigiCert ONE is addressed by its host alone, such as ${KNOWN_HOSTS} or an on-premises name.`,
    fix,
  })
}
