import type { KeyObject } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DigicertOne } from '../digicert/client.ts'
import { generateKey } from '../x509/key.ts'
import type { RootInputs } from './inputs.ts'
import { jobLog } from './log.ts'
import { systemClock, systemRandom } from './runner.ts'

/** What takes long and needs no more than the inputs. */
export interface Begun {
  /** The private key, in issue mode. */
  key: Promise<KeyObject> | undefined
  /** On its way to the host that is asked first. */
  digicert: DigicertOne
}

/** Begins to make the key and to connect. What fails there is thrown where it is used. */
export async function begin({ request, connection }: RootInputs): Promise<Begun> {
  const key = request.mode === 'issue' ? generateKey(request.keySize) : undefined
  key?.catch(() => undefined)
  const digicert = new DigicertOne(connection, { clock: systemClock, random: systemRandom, log: jobLog })
  if (request.mode === 'issue') digicert.openApi()
  else digicert.reachClientauth()
  // The name is looked up by now, or soon will be: connecting gets under way before this thread is busy again.
  await nextTurn()
  return { key, digicert }
}
