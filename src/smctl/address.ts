import { ActionError } from '../errors.ts'

const PATH = '/stm/latest/'
const DIGICERT = new URL(`https://pki-downloads.digicert.com${PATH}`)

/**
 * Reads the `smctl-mirror` input: a host, which then has the paths of DigiCert's, or the https address of a folder.
 * @returns the folder's address, with a slash at its end; DigiCert's own without a mirror
 * @throws ActionError INPUT_INVALID
 */
export function parseMirror(text: string): URL {
  if (text === '') return DIGICERT
  const address = /^[a-z][a-z0-9+.-]*:\//i.test(text) ? text : `https://${text}`
  if (!URL.canParse(address) || /[\s\\]/.test(text)) throw invalid('is not an address')
  const url = new URL(address)
  if (url.protocol !== 'https:') throw invalid(`uses ${url.protocol.slice(0, -1)}`)
  if (url.username !== '' || url.password !== '') throw invalid('holds a user name or password')
  if (/[?#]/.test(text)) throw invalid('has a query')
  if (url.pathname === '/') url.pathname = PATH
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function invalid(problem: string): ActionError {
  return new ActionError('INPUT_INVALID', {
    what: `The input 'smctl-mirror' ${problem}.`,
    why: 'A misspelled value, or a mirror that is not reached by https without a password.',
    fix: 'Write it like mirror.example.com, or like https://mirror.example.com/digicert/smctl.',
  })
}
