import type { ClientOptions } from '../digicert/client.ts'
import { DEFAULT_HOST, parseHosts } from '../digicert/hosts.ts'
import { ActionError } from '../errors.ts'
import { readInputFile } from '../files.ts'
import { requireUsableProxy } from '../net/proxy.ts'
import { VERSION } from '../version.ts'
import { KeyRefused } from '../x509/key-limits.ts'
import { parsePemCertificates } from '../x509/pem.ts'
import { duration, integer, invalid, text } from './fields.ts'

/** The API key; an empty one is undefined. `maskSecretInputs` has masked it. */
export function readApiKey(env: NodeJS.ProcessEnv): string | undefined {
  const apiKey = text(env, 'api-key')
  if (apiKey === '') return undefined
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw invalid(
      'api-key',
      'holds a space, a line break or a character outside ASCII',
      'Store the key alone in the secret, copied as DigiCert ONE shows it.',
    )
  }
  return apiKey
}

export const USER_AGENT = `digicert-client-certificate/${VERSION} (GitHub Actions)`

/** The inputs that every action shares: where DigiCert ONE is and how to talk to it. */
export function readConnection(env: NodeJS.ProcessEnv, apiKey: string | undefined): ClientOptions {
  const hosts = parseHosts(text(env, 'host') || DEFAULT_HOST, text(env, 'clientauth-host'))
  requireUsableProxy(hosts.api, hosts.clientauth)
  return {
    hosts,
    apiKey,
    caCertificates: readCaCertificates(env),
    timeoutMs: readTimeout(env),
    retries: integer(env, 'retries', 4, 0, 20),
    userAgent: USER_AGENT,
  }
}

function readTimeout(env: NodeJS.ProcessEnv): number {
  const seconds = duration(env, 'timeout', '30s')
  if (seconds < 1 || seconds > 600)
    throw invalid('timeout', 'is not between 1s and 10m', 'Write a time like 30s or 2m.')
  return seconds * 1000
}

function readCaCertificates(env: NodeJS.ProcessEnv): string[] {
  const given = text(env, 'ca-certificates')
  if (given === '') return []
  const pem = given.includes('-----BEGIN') ? given : readPemFile(given)
  const certificates = readPem(pem)
  if (certificates.length > 0) return certificates
  throw invalid('ca-certificates', 'holds no PEM certificate', PEM_WANTED)
}

const PEM_WANTED = 'Give PEM text (-----BEGIN CERTIFICATE----- …) or a path to such a file.'

/** @throws ActionError FILE_READ, INPUT_INVALID */
function readPemFile(path: string): string {
  if (/^MI[A-Za-z0-9+/=\s]{100,}$/.test(path))
    throw invalid('ca-certificates', 'is base64 without the lines that make it PEM', PEM_WANTED)
  const bytes = readInputFile('ca-certificates', path)
  if (bytes[0] !== DER_SEQUENCE) return bytes.toString('utf8')
  throw invalid(
    'ca-certificates',
    'names a file in DER, the binary form, instead of PEM',
    'Convert it: openssl x509 -inform der -in ca.cer -out ca.pem (and a .p7b: openssl pkcs7 -inform der -print_certs -in ca.p7b -out ca.pem).',
  )
}

/** The first byte of every certificate in DER; no text begins with it but one that starts with the digit 0. */
const DER_SEQUENCE = 0x30

function readPem(pem: string): string[] {
  try {
    return parsePemCertificates(pem).map(certificate => certificate.toString())
  } catch (cause) {
    if (cause instanceof KeyRefused) throw refusedCa(cause)
    throw invalid(
      'ca-certificates',
      'holds a certificate that cannot be read',
      'Export the CA certificate again as PEM (base64 X.509).',
      cause,
    )
  }
}

function refusedCa(cause: KeyRefused): ActionError {
  const limit = cause.limit === undefined ? '' : ` (the limit is ${cause.limit})`
  return new ActionError(
    'INPUT_INVALID',
    {
      what: `The input 'ca-certificates' contains ${cause.message}${limit}. Such a CA is not used.`,
      why: 'It is not the CA of your server, or the text was changed on the way.',
      fix: 'Give the CA certificates of your server alone, with RSA, EC or Ed25519 keys.',
    },
    cause,
  )
}
