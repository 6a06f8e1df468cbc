// The action's own client, pointed at an emulator or a server of a test.
import type { Emulator } from '../../emulator/index.ts'
import { type BegunConnection, type ClientOptions, DigicertOne } from '../../src/digicert/client.ts'
import { fakePorts } from './ports.ts'

export function clientOf(emulator: Emulator, changes: Partial<ClientOptions> = {}, begun?: BegunConnection) {
  const hosts = { api: emulator.apiUrl, clientauth: emulator.clientauthUrl }
  const { apiKey, caPem } = emulator
  return newClient({ hosts, apiKey, caCertificates: [caPem], ...changes }, begun)
}

export function newClient(
  options: Pick<ClientOptions, 'hosts'> & Partial<ClientOptions>,
  begun?: BegunConnection,
) {
  const ports = fakePorts()
  const client = new DigicertOne(
    {
      apiKey: 'key-0123456789',
      caCertificates: [],
      timeoutMs: 5_000,
      retries: 2,
      userAgent: 'test/1',
      ...options,
    },
    ports,
    begun,
  )
  return { client, ...ports }
}
