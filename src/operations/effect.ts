import type { DigicertOne } from '../digicert/client.ts'
import type { Identity } from '../digicert/endpoint.ts'
import type { Clock, Log } from '../ports.ts'
import { isRefusal } from './prove.ts'

interface EffectPorts {
  digicert: DigicertOne
  clock: Clock
  log: Log
}

/** How long a change may take to reach the clientauth host. */
const EFFECTIVE_WITHIN_MS = 10_000
const ASK_AGAIN_MS = 1_000

/**
 * Asks the clientauth host until a certificate that was enabled is accepted, or one that was disabled is refused, or
 * the time is up.
 * @returns the last refusal; undefined when the last answer was acceptance
 */
export async function waitForEffect(
  identity: Identity,
  enabled: boolean,
  ports: EffectPorts,
): Promise<Error | undefined> {
  const until = ports.clock.now().getTime() + EFFECTIVE_WITHIN_MS
  for (;;) {
    const refusal = await refusalOf(identity, ports)
    const effective = (refusal === undefined) === enabled
    if (effective || ports.clock.now().getTime() >= until) return refusal
    ports.log.info('Not yet; asking again.')
    await ports.clock.sleep(ASK_AGAIN_MS)
  }
}

/** Asks once whether the clientauth host accepts the certificate: the refusal, or undefined. */
export async function refusalOf(
  identity: Identity,
  { digicert }: Pick<EffectPorts, 'digicert'>,
): Promise<Error | undefined> {
  try {
    await digicert.verify(identity)
    return undefined
  } catch (error) {
    if (isRefusal(error)) return error
    throw error
  }
}
