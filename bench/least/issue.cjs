// The minimum that a Node program needs to get a certificate and verify it over mTLS: it masks, checks, explains and
// hands over nothing, writes no P12, and parses a response by its braces.
const { createPublicKey, generateKeyPair, sign } = require('node:crypto')
const { readFileSync } = require('node:fs')
const { connect: connectTcp } = require('node:net')
const { connect } = require('node:tls')

const { API_KEY, API_URL = '', CA_FILE = '', CLIENTAUTH_URL = '', NAME = '' } = process.env
const ca = readFileSync(CA_FILE)
const [api, clientauth] = [new URL(API_URL), new URL(CLIENTAUTH_URL)]
const key = new Promise(resolve =>
  generateKeyPair('rsa', { modulusLength: 2048 }, (_error, _public, made) => resolve(made)),
)
const openTcp = ({ port }) => connectTcp({ host: '127.0.0.1', port: Number(port), noDelay: true })
const openTls = ({ hostname }, socket, identity = {}) =>
  connect({ socket, servername: hostname, ca, ...identity })

main()

async function main() {
  const apiSocket = openTls(api, openTcp(api))
  const privateKey = await key
  const body = JSON.stringify({ csr: csrOf(privateKey), name: NAME, exp: inADay() })
  apiSocket.write(
    `POST /account/api/v1/client-auth-certificate HTTP/1.1\r\nHost: ${api.host}\r\nx-api-key: ${API_KEY}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  const tcp = openTcp(clientauth)
  const answer = await answerOf(apiSocket)
  const { x509_cert: cert } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))
  const proof = openTls(clientauth, tcp, { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert })
  proof.write(`GET /account/api/v1/user/me HTTP/1.1\r\nHost: ${clientauth.host}\r\nConnection: close\r\n\r\n`)
  const user = await answerOf(proof)
  process.exit(user.startsWith('HTTP/1.1 200') ? 0 : 1)
}

function answerOf(socket) {
  return new Promise(resolve => {
    let text = ''
    socket.on('data', chunk => {
      text += chunk
      if (text.endsWith('}')) resolve(text)
    })
  })
}

function inADay() {
  return new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+/, '')
}

/** PKCS#10 with the subject CN=least. */
function csrOf(privateKey) {
  const name = der(
    0x30,
    der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('least')))),
  )
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const info = der(0x30, Buffer.from('020100', 'hex'), name, publicKey, Buffer.from('a000', 'hex'))
  const algorithm = Buffer.from('300d06092a864886f70d01010b0500', 'hex')
  const signature = der(0x03, Buffer.of(0), sign('sha256', info, privateKey))
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der(0x30, info, algorithm, signature).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
}

function der(tag, ...parts) {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}
