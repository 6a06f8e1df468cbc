import type { KeyObject } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BegunConnection } from '../digicert/client.ts'
import type { Hosts } from '../digicert/hosts.ts'
import { proxyFor } from '../net/proxy.ts'
import { openTcp } from '../net/tcp.ts'
import type { IssueRequest } from '../operations/issue.ts'
import type { StoredRequest } from '../operations/stored.ts'
import { generateKey } from '../x509/key.ts'
import type { RootInputs } from './inputs.ts'

/**
 * What takes long and needs no more than the inputs, for what the step has to do. No connection is made where nobody may
 * have to be asked.
 */
export type Begun = { connection: BegunConnection | undefined } & (
  | { mode: 'issue'; request: IssueRequest; key: Promise<KeyObject> }
  | { mode: 'stored'; request: StoredRequest }
)

/**
 * Begins to make the key and to connect: in issue mode to the API host, and with a stored P12 to the host that verifies
 * it, if any does. What fails there is thrown where it is used.
 */
export async function begin({ request, connection: { hosts } }: RootInputs): Promise<Begun> {
  const begun: Begun =
    request.mode === 'issue'
      ? { mode: 'issue', request, key: beginKey(request), connection: connect(hosts, 'api') }
      : { mode: 'stored', request, connection: request.verify ? connect(hosts, 'clientauth') : undefined }
  // The name has been resolved by now, or soon will be: connecting starts before this thread is busy again.
  await nextTurn()
  return begun
}

/** Begins to generate a key; what fails there is thrown where it is awaited. */
export function beginKey({ keySize }: IssueRequest): Promise<KeyObject> {
  const key = generateKey(keySize)
  key.catch(() => undefined)
  return key
}

function connect(hosts: Hosts, host: keyof Hosts): BegunConnection {
  const url = new URL(hosts[host])
  const tcp = proxyFor(url.origin) === undefined ? openTcp(url) : undefined
  tcp?.catch(() => undefined)
  return { host, tcp }
}
