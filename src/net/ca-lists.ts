import { readdirSync, readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { getCACertificates, rootCertificates } from 'node:tls'
import { pemCertificates } from './pem-certificates.ts'

/**
 * Node's own trust anchors with those of `NODE_EXTRA_CA_CERTS`, or the operating system's, each as PEM.
 * `getCACertificates` came with Node 22.15; where it is missing, the system's are read as far as they are files.
 */
export function caCertificates(list: 'default' | 'system'): string[] {
  // The types are those of Node 24.
  const builtIn = getCACertificates as typeof getCACertificates | undefined
  if (builtIn !== undefined) return builtIn(list)
  if (list === 'default') return [...rootCertificates, ...certificatesIn(process.env.NODE_EXTRA_CA_CERTS)]
  return systemFiles(process.env)
}

/** Where OpenSSL looks on Linux, which is what later Nodes read there. */
function systemFiles({ SSL_CERT_FILE, SSL_CERT_DIR }: NodeJS.ProcessEnv): string[] {
  const directories = (SSL_CERT_DIR || '/etc/ssl/certs').split(delimiter)
  const files = [SSL_CERT_FILE || '/etc/ssl/cert.pem', ...directories.flatMap(filesIn)]
  return [...new Set(files.flatMap(certificatesIn))]
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory).map(name => join(directory, name))
  } catch {
    return []
  }
}

/** What is missing or is not PEM does no harm, as with OpenSSL. */
function certificatesIn(path = ''): string[] {
  try {
    if (!statSync(path).isFile()) return []
    return pemCertificates(readFileSync(path, 'latin1'))
  } catch {
    return []
  }
}
