import { getProxyForUrl } from 'proxy-from-env'
import { ActionError } from '../errors.ts'
import { isAddress } from './address.ts'

/**
 * The proxy that `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` (in either case) name for an https origin.
 * @throws ActionError INPUT_INVALID when it is no address of an HTTP proxy
 */
export function proxyFor(origin: string): URL | undefined {
  const found = getProxyForUrl(origin)
  if (found === '' || isExempt(new URL(origin))) return undefined
  // `proxy.example:3128` means http, as it does for curl; the library fills in the scheme of the origin.
  const address = hasScheme() ? found : found.replace(/^https:/, 'http:')
  if (URL.canParse(address) && /^https?:/.test(address)) return new URL(address)
  throw new ActionError('INPUT_INVALID', {
    what: 'HTTPS_PROXY (or ALL_PROXY) is not the address of an HTTP proxy.',
    why: 'It is misspelled, or names a SOCKS proxy, which this action does not speak.',
    fix: 'Write it like http://proxy.example.com:3128.',
  })
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
 * What nobody may read of the proxy variables, as it stands there and decoded: passwords, and user names with them.
 * Also of addresses that are not used, or are none.
 */
export function proxySecrets(): string[] {
  return VARIABLES.flatMap(name => secretsIn(process.env[name] ?? ''))
}

function secretsIn(address: string): string[] {
  // By hand, because a password with a `/` or `#` that should have been escaped makes no URL, and is a secret all the same.
  const [, user = '', colon, password = ''] =
    /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^:/]*?)(?:(:)(.*))?@[^@]*$/i.exec(address.trim()) ?? []
  if (password === '') return user.length < SHORTEST_TOKEN ? [] : [user, decoded(user)]
  const pair = `${user}${colon}${password}`
  return [password, decoded(password), pair, `${decoded(user)}:${decoded(password)}`]
}

/** A user name or password out of a URL; a percent sign that is no escape stands for itself. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
