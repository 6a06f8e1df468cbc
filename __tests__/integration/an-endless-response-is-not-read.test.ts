// 10 GB, as fast as the client reads them: what counts is how much it reads.
import type { RequestListener } from 'node:http'
import { expect, test } from '@jest/globals'
import { createFetch } from '../../src/github/fetch.ts'
import { newClient } from '../support/client.ts'
import { startTlsServer } from '../support/tls-server.ts'

const MIB = 1024 * 1024
const TEN_GB = 10_000_000_000
/** What is in sockets and pipes when the client hangs up. */
const UNDER_WAY = 24 * MIB

async function serve(text = '[') {
  const sent = { bytes: 0 }
  const listener: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const chunk = Buffer.alloc(MIB, text)
    const more = () => {
      while (sent.bytes < TEN_GB && !response.destroyed) {
        sent.bytes += chunk.length
        if (!response.write(chunk)) return void response.once('drain', more)
      }
    }
    more()
  }
  const server = await startTlsServer(listener)
  return { sent, server, origin: `https://localhost:${server.port}` }
}

test.each([
  ['currentUser', 'brackets', '[', 'far larger than any valid one'],
  ['listCertificates', 'brackets', '[', 'nested more deeply'],
  ['listCertificates', 'nothing but white space', ' ', 'a list with more than 1 MiB in one entry'],
  ['listCertificates', 'what is not JSON', 'x', 'a body that is not complete JSON'],
] as const)('%s of %s stops within 1 MiB', async (method, _name, text, words) => {
  const { sent, server, origin } = await serve(text)
  const { client } = newClient({
    hosts: { api: origin, clientauth: origin },
    caCertificates: [server.caPem],
    timeoutMs: 60_000,
  })
  await expect(client[method]()).rejects.toMatchObject({
    code: 'RESPONSE_INVALID',
    message: expect.stringContaining(words),
  })
  expect(sent.bytes).toBeLessThan(MIB + UNDER_WAY)
  expect(server.requests).toHaveLength(1)
  await client.close()
  server.close()
})

test('requests to GitHub stop reading at 2 MiB', async () => {
  const { sent, server, origin } = await serve()
  const fetch = createFetch({ apiUrl: origin, caCertificates: [server.caPem], timeoutMs: 60_000 })
  await expect(fetch(origin)).rejects.toThrow()
  expect(sent.bytes).toBeLessThan(2 * MIB + UNDER_WAY)
  server.close()
})
