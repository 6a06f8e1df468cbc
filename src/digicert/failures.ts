/** Requests that got no answer, in words. */

import { ActionError } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import type { ExchangeError } from '../net/endpoint.ts'
import { explainNetwork, SERVER_FIXES, whatHappened } from '../net/errors.ts'
import { nativeCode, type Remedy } from '../net/native-codes.ts'
import { KNOWN_HOSTS } from './hosts.ts'

/** The words for a clientauth host that breaks off whenever it is shown the certificate. */
export function explainBrokenOff(host: string, error: ExchangeError): ActionError {
  const what = `${host} closes the connection when it is shown the certificate (${nativeCode(error)}).`
  const why = 'It refuses the certificate without saying so, or a device in between closes the connection.'
  return new ActionError('CERT_REFUSED', { what, why, fix: LISTEN_HINT }, error)
}

/** Turns a request that got no answer into words. */
export function explainExchange(error: ExchangeError, origin: string, timeoutMs: number): ActionError {
  const host = hostOf(origin)
  return explainNetwork(error, host, { what: whatHappened(host, timeoutMs), fixes: FIXES })
}

const LISTEN_HINT = "Check 'host' (and 'clientauth-host'), then the runner's network, firewall and proxy."

const FIXES: Record<Remedy, string> = {
  ...SERVER_FIXES,
  address: `Known hosts are ${KNOWN_HOSTS}. ${LISTEN_HINT}`,
  patience: `${LISTEN_HINT} If the network is just slow, raise 'timeout'.`,
  name: "Check 'host' and 'clientauth-host': they must be names that the server's certificate lists.",
  network: LISTEN_HINT,
  again: `Run the job again. If it stays: ${LISTEN_HINT}`,
}
