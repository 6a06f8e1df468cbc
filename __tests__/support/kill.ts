// Steps that are stopped at a request, or at a time, while they issue a certificate.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Fault, Moment } from '../../emulator/index.ts'
import type { Scenario, Scene } from './scene.ts'

export const POST: Fault = { method: 'POST' }
export const MTLS_CHECK: Fault = { method: 'GET', host: 'clientauth' }

/** At these requests and moments, the world stops, the process is stopped, and only then the server continues. */
export const MOMENTS: [string, Fault, Moment][] = [
  ['the request is sent, and nothing is done yet', POST, 'before-work'],
  ['the certificate exists, and its response is on the way', POST, 'after-work'],
  ['half of the response has arrived', POST, 'mid-answer'],
  ['the certificate is being verified', MTLS_CHECK, 'before-work'],
  ['the result of the mTLS check is on the way', MTLS_CHECK, 'mid-answer'],
]

/** Runs the main step, and stops it where the fault holds its request. */
export async function stopMainAt(scene: Scene, scenario: Scenario, fault: Fault, signal: NodeJS.Signals) {
  const held = scene.emulator.faults.add(fault)
  const main = await scenario.main({ onStart: child => void held.reached.then(() => child.kill(signal)) })
  held.release()
  return main
}

export function killAfter(child: ChildProcess, milliseconds: number, signal: NodeJS.Signals): void {
  const timer = setTimeout(() => child.kill(signal), milliseconds)
  void once(child, 'close').then(() => clearTimeout(timer))
}
