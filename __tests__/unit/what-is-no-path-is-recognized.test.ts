import { expect, test } from '@jest/globals'
import { readP12 } from '../../src/action/p12-input.ts'
import { ActionError } from '../../src/errors.ts'
import { readInputFile } from '../../src/files.ts'
import { certBag, keyBag, mac, pfx, plainSafe } from '../support/p12-builder.ts'
import { testChain } from '../support/p12-certificates.ts'

function refusal(read: () => unknown): ActionError {
  try {
    read()
  } catch (error) {
    if (error instanceof ActionError) return error
    throw error
  }
  throw new Error('accepted')
}

test.each([
  ['$RUNNER_TEMP/client.p12', 'RUNNER_TEMP is not expanded', `\${{ runner.temp }}`],
  [`\${RUNNER_TEMP}/client.p12`, 'RUNNER_TEMP is not expanded', `\${{ runner.temp }}`],
  ['$env:RUNNER_TEMP\\client.p12', 'RUNNER_TEMP is not expanded', `\${{ runner.temp }}`],
  [`\${env:RUNNER_TEMP}\\client.p12`, 'RUNNER_TEMP is not expanded', `\${{ runner.temp }}`],
  ['%RUNNER_TEMP%\\client.p12', 'RUNNER_TEMP is not expanded', `\${{ runner.temp }}`],
  ['$GITHUB_WORKSPACE/client.p12', 'GITHUB_WORKSPACE is not expanded', `\${{ github.workspace }}`],
  ['$HOME/client.p12', 'are not expanded', `\${{ env.NAME }}`],
  ['certs/$NAME.p12', 'are not expanded', `\${{ env.NAME }}`],
  ['$(pwd)/client.p12', 'are not expanded', `\${{ env.NAME }}`],
  ['%USERPROFILE%\\client.p12', 'are not expanded', `\${{ env.NAME }}`],
  ['~/client.p12', '"~" is not expanded', 'in full'],
  ['~runner\\client.p12', '"~" is not expanded', 'in full'],
  ['"certs/client.p12"', 'the quotes are part of it', 'Remove the quotes'],
  ["'certs/client.p12'", 'the quotes are part of it', 'Remove the quotes'],
  [`\${{ runner.temp }}/client.p12`, 'was not evaluated', 'in the workflow itself'],
  ['certs/no-such.p12', 'There is no such file', 'starts at the workspace'],
])('%s', (path, why, fix) => {
  const error = refusal(() => readInputFile('p12-file', path))
  expect(error.code).toBe('FILE_READ')
  expect(error.message).toContain("'p12-file'")
  expect(error.why).toContain(why)
  expect(error.fix).toContain(fix)
})

const { key, certificate } = testChain('rsa')
const P12 = pfx([plainSafe(keyBag(key), certBag(certificate))], mac({ password: 'x' }))
const BASE64 = P12.toString('base64')
const PEM = certificate.toString() + key.export({ format: 'pem', type: 'pkcs8' })

test.each([
  ['base64', BASE64],
  ['base64 in lines', BASE64.replace(/.{76}/g, '$&\n')],
  ['quoted base64', `"${BASE64}"`],
  ['base64 of base64', Buffer.from(BASE64).toString('base64')],
  ['base64 of PEM', Buffer.from(PEM).toString('base64')],
  ['the beginning of base64', BASE64.slice(0, 120)],
  ['PEM', PEM],
])('the content of the file (%s) is named, masked, and not shown', (_what, content) => {
  const lines: string[] = []
  const write = process.stdout.write
  process.stdout.write = line => lines.push(String(line)) > 0
  const error = refusal(() => readP12({ 'INPUT_P12-FILE': content }))
  process.stdout.write = write
  expect(error.code).toBe('FILE_READ')
  expect(error.why).toContain('looks like the content of a file')
  expect(error.fix).toContain("belongs in 'p12'")
  const shown = `${error.message} ${error.why} ${error.fix}`
  for (let at = 0; at + 20 <= Math.min(content.length, 300); at++)
    expect(shown).not.toContain(content.slice(at, at + 20))
  expect(lines.join('')).toContain('::add-mask::')
})
