import { invalidMirror } from './errors.ts'

const PATH = '/stm/latest/'
const DIGICERT = new URL(`https://pki-downloads.digicert.com${PATH}`)

/**
 * Reads the `smctl-mirror` input: a host, which then has the paths of DigiCert's, or the https address of a folder.
 * @returns the folder's address, with a trailing slash; DigiCert's own without a mirror
 * @throws ActionError INPUT_INVALID
 */
export function parseMirror(text: string): URL {
  if (text === '') return DIGICERT
  const address = /^[a-z][a-z0-9+.-]*:\//i.test(text) ? text : `https://${text}`
  if (!URL.canParse(address) || /[\s\\]/.test(text)) throw invalidMirror('is not an address')
  const url = new URL(address)
  if (url.protocol !== 'https:') throw invalidMirror(`uses ${url.protocol.slice(0, -1)}`)
  if (url.username !== '' || url.password !== '') throw invalidMirror('contains a user name or password')
  if (/[?#]/.test(text)) throw invalidMirror('has a query')
  if (url.pathname === '/') url.pathname = PATH
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
