import { getProxyForUrl } from 'proxy-from-env'
import { ActionError } from '../errors.ts'
import { isAddress } from './address.ts'

/**
 * The proxy that `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` (in either case) name for an https origin.
 * @throws ActionError INPUT_INVALID when it is not the address of an HTTP proxy, or one that can be read in two ways
 */
export function proxyFor(origin: string): URL | undefined {
  const found = getProxyForUrl(origin).trim()
  if (found === '' || isExempt(new URL(origin))) return undefined
  // `proxy.example:3128` means http, as it does for curl; the library fills in the scheme of the origin.
  return parseProxy(hasScheme() ? found : found.replace(/^https:/, 'http:'))
}

/** What is not understood is not repeated, because any part of it may belong to a password. */
function parseProxy(address: string): URL {
  const rest = address.slice(address.indexOf('://') + 3)
  if (isAmbiguous(rest)) {
    throw new ActionError('INPUT_INVALID', {
      what: 'HTTPS_PROXY (or ALL_PROXY) can be read in more than one way, so it was not used.',
      why: 'The user name or the password in it contains a character with a special meaning in a URL: @ / ? # \\ or a space.',
      fix: 'Write such characters percent-encoded: @ is %40, / is %2F, ? is %3F, # is %23, \\ is %5C, a space is %20.',
    })
  }
  // `http:proxy` lacks its slashes; this is not a user name.
  const url = URL.canParse(address) && !/^https?:/i.test(rest) ? new URL(address) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && HOST.test(url.hostname)) return url
  throw new ActionError('INPUT_INVALID', {
    what: 'HTTPS_PROXY (or ALL_PROXY) is not the address of an HTTP proxy.',
    why: 'It is misspelled, or names a SOCKS proxy, which this action does not support.',
    fix: 'Write it like http://proxy.example.com:3128.',
  })
}

/** A name or an IPv4 address, or an IPv6 address in brackets; a URL would take much more for a name. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/i

/** Programs differ in where the host begins once the address contains a separator that can only come from a password. */
function isAmbiguous(rest: string): boolean {
  const [authority = '', ...path] = rest.split('/')
  return (
    /[\\?#\s\p{Cc}]/u.test(rest) || authority.split('@').length > 2 || path.some(part => part.includes('@'))
  )
}

/** @throws ActionError INPUT_INVALID when one of these https origins has a proxy that cannot be used */
export function requireUsableProxy(...origins: string[]): void {
  for (const origin of origins) proxyFor(origin)
}

/** `NO_PROXY=example.com` covers the names below it too, as curl reads it; the library wants `.example.com` for that. */
function isExempt({ hostname, port }: URL): boolean {
  if (isAddress(hostname)) return false
  const labels = hostname.split('.')
  const parents = labels.map((_, index) => labels.slice(index).join('.'))
  return parents.some(parent => getProxyForUrl(`https://${parent}:${port || 443}`) === '')
}

function hasScheme(): boolean {
  const { https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY } = process.env
  return (https_proxy || HTTPS_PROXY || all_proxy || ALL_PROXY || '').includes('://')
}

const VARIABLES = ['https_proxy', 'http_proxy', 'all_proxy'].flatMap(name => [name, name.toUpperCase()])
/** A user name in place of a password (a token) is a secret; a shorter one is a name, and a word of the log. */
const SHORTEST_TOKEN = 12

/**
 * The secrets in the proxy variables, as written and decoded: passwords, and user names with them.
 * Also those in addresses that are not used, or not valid.
 */
export function proxySecrets(): string[] {
  return VARIABLES.flatMap(name => secretsIn(process.env[name] ?? ''))
}

function secretsIn(address: string): string[] {
  // By hand, because a password with a `/` or `#` that should have been escaped is not a URL, but is a secret anyway.
  const bare = address.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
  const userinfo = bare.slice(0, Math.max(0, bare.lastIndexOf('@')))
  const [user = ''] = userinfo.split(':', 1)
  const password = userinfo.slice(user.length + 1)
  if (password === '') return user.length < SHORTEST_TOKEN ? [] : [user, decoded(user)]
  const forms = [password, decoded(password), userinfo, `${decoded(user)}:${decoded(password)}`]
  return [...forms, ...partsOf(password), ...asUrl(`http://${userinfo}@proxy`)]
}

/** What a program that reads the address in another way takes for the host, and may print. */
function partsOf(password: string): string[] {
  const parts = password.split(/[@/?#\\]/)
  return parts.length === 1 ? [] : parts.flatMap(part => [part, decoded(part)])
}

/** As a URL writes it, where that is another way than it was written. */
function asUrl(address: string): string[] {
  if (!URL.canParse(address)) return []
  const { username, password } = new URL(address)
  return address.includes(`:${password}@`) ? [] : [password, `${username}:${password}`]
}

/** A user name or password out of a URL; a percent sign that is not an escape stands for itself. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
