import type { KeyObject } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { proxyFor } from '../net/proxy.ts'
import { type BegunConnection, openTcp } from '../net/tcp.ts'
import { generateKey } from '../x509/key.ts'
import type { RootInputs } from './inputs.ts'

/** What takes long and needs no more than the inputs. */
export interface Begun {
  /** The private key, in issue mode. */
  key: Promise<KeyObject> | undefined
  /** Undefined behind a proxy, because for that there is more to load. */
  connection: BegunConnection | undefined
}

/** Begins to make the key and to connect. What fails there is thrown where it is used. */
export async function begin({ request, connection }: RootInputs): Promise<Begun> {
  const key = request.mode === 'issue' ? generateKey(request.keySize) : undefined
  const origin = request.mode === 'issue' ? connection.hosts.api : connection.hosts.clientauth
  const socket = proxyFor(origin) === undefined ? openTcp(new URL(origin)) : undefined
  for (const pending of [key, socket]) pending?.catch(() => undefined)
  // The name is looked up by now, or soon will be: connecting gets under way before this thread is busy again.
  await nextTurn()
  return { key, connection: socket && { origin, socket } }
}
