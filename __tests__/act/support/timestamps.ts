// A timestamp authority, which signing tools call over plain HTTP, with RFC 3161 only: requests in Microsoft's older format
// are refused. openssl responds; the keys are made here.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'

export interface TimestampAuthority {
  /** its certificate, which is also its trust anchor */
  caPem: string
  answer: RequestListener
}

const CONFIG = `[req]
distinguished_name = name
x509_extensions = authority
prompt = no
[name]
CN = Test timestamp authority
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, digitalSignature, keyCertSign
subjectKeyIdentifier = hash
[responder]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
authorityKeyIdentifier = keyid
[tsa]
default_tsa = answers
[answers]
serial = serial
signer_cert = responder.pem
signer_key = responder.key
certs = root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
`

/** @param folder an empty one, for its files */
export function createTimestampAuthority(folder: string): TimestampAuthority {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const config = ['-config', 'tsa.cnf']
  const key = ['-newkey', 'rsa:2048', '-nodes']
  writeFileSync(join(folder, 'tsa.cnf'), CONFIG)
  writeFileSync(join(folder, 'serial'), '01\n')
  openssl('req', '-x509', ...key, ...config, '-keyout', 'root.key', '-out', 'root.pem', '-days', '2')
  openssl(
    'req',
    '-new',
    ...key,
    ...config,
    '-subj',
    '/CN=Timestamps',
    '-keyout',
    'responder.key',
    '-out',
    'request.pem',
  )
  const signed = [
    '-in',
    'request.pem',
    '-CA',
    'root.pem',
    '-CAkey',
    'root.key',
    '-CAcreateserial',
    '-days',
    '1',
  ]
  openssl(
    'x509',
    '-req',
    ...signed,
    '-extfile',
    'tsa.cnf',
    '-extensions',
    'responder',
    '-out',
    'responder.pem',
  )
  return {
    caPem: readFileSync(join(folder, 'root.pem'), 'utf8'),
    answer: (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks)
        const modern = request.headers['content-type'] === 'application/timestamp-query'
        if (!modern) return response.writeHead(415).end()
        response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(reply(body))
      })
    },
  }

  function reply(query: Buffer): Buffer {
    writeFileSync(join(folder, 'query.tsq'), query)
    openssl('ts', '-reply', ...config, '-queryfile', 'query.tsq', '-out', 'reply.tsr')
    return readFileSync(join(folder, 'reply.tsr'))
  }
}
