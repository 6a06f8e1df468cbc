// The minimum that a Node program needs to verify a P12 over mTLS: it masks, checks, explains and hands over nothing.
const { readFileSync } = require('node:fs')
const { connect } = require('node:tls')

const { CA_FILE = '', CLIENTAUTH_URL = '', P12_BASE64 = '', P12_PASSWORD } = process.env
const { hostname, host, port } = new URL(CLIENTAUTH_URL)
const socket = connect({
  host: '127.0.0.1',
  port: Number(port),
  servername: hostname,
  ca: readFileSync(CA_FILE),
  pfx: Buffer.from(P12_BASE64, 'base64'),
  passphrase: P12_PASSWORD,
})
socket.write(`GET /account/api/v1/user/me HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
let answer = ''
socket.on('data', chunk => {
  answer += chunk
})
socket.on('end', () => process.exit(answer.startsWith('HTTP/1.1 200') ? 0 : 1))
