// A step after the action, as a signing tool would be: asks DigiCert ONE over mTLS who it is, with nothing but the
// variables, and compares what it finds with the outputs. On all systems alike, which curl is not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'

for (const name of ['SM_HOST', 'SM_CLIENT_CERT_FILE', 'SM_CLIENT_CERT_PASSWORD', 'SM_API_KEY']) {
  assert.ok(process.env[name], `${name} is not set`)
  assert.ok(process.env[name] === process.env[`EXPECTED_${name}`], `${name} differs from the output`)
}

const { SM_HOST, SM_CLIENT_CERT_FILE, SM_CLIENT_CERT_PASSWORD, CA_FILE, EXPECTED_USER_ID } = process.env
const user = await new Promise((resolve, reject) => {
  const options = {
    pfx: readFileSync(SM_CLIENT_CERT_FILE),
    passphrase: SM_CLIENT_CERT_PASSWORD,
    ca: readFileSync(CA_FILE),
  }
  request(`${SM_HOST}/account/api/v1/user/me`, options, response => {
    let body = ''
    response.setEncoding('utf8').on('data', chunk => {
      body += chunk
    })
    response.on('error', reject).on('end', () => {
      if (response.statusCode === 200) resolve(JSON.parse(body))
      else reject(new Error(`status ${response.statusCode}`))
    })
  })
    .on('error', reject)
    .end()
})
assert.equal(user.id, EXPECTED_USER_ID)
console.log(`Authenticated as ${user.id}.`)
// The log of every job shows whether the runner masks what the action told it to.
console.log(`The password is ${SM_CLIENT_CERT_PASSWORD} and the key is ${process.env.SM_API_KEY}.`)
