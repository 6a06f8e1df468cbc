import type { ClientOptions } from '../digicert/client.ts'
import { DEFAULT_HOST, parseHosts } from '../digicert/hosts.ts'
import { requireUsableProxy } from '../net/proxy.ts'
import { USER_AGENT } from '../version.ts'
import { readCaCertificates } from './ca-certificates.ts'
import { duration, integer, invalid, text } from './fields.ts'

/** The API key; an empty one is undefined. `maskSecretInputs` has masked it. */
export function readApiKey(env: NodeJS.ProcessEnv): string | undefined {
  const apiKey = text(env, 'api-key')
  if (apiKey === '') return undefined
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw invalid(
      'api-key',
      'contains a space, a line break or a character outside ASCII',
      'Store the key alone in the secret, copied as DigiCert ONE shows it.',
    )
  }
  return apiKey
}

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
