import { DigicertOne } from '../digicert/client.ts'
import { cleanUp } from '../operations/cleanup.ts'
import { readApiKey, readConnection } from './connection.ts'
import { missing } from './fields.ts'
import { readCleanup } from './inputs.ts'
import { jobLog } from './log.ts'
import { systemClock, systemRandom } from './runner.ts'
import { maskSecretInputs } from './secret-inputs.ts'
import { readLeftovers, savedCaCertificates } from './state.ts'

/** Whatever the user's `retries` are. */
const LEAST_RETRIES = 4

/** The post step: leaves nothing behind, and never fails the job. */
export async function runPost(): Promise<void> {
  maskSecretInputs()
  const ports = { clock: systemClock, random: systemRandom, log: jobLog }
  const leftovers = readLeftovers()
  if (leftovers === undefined) return
  await cleanUp(leftovers, readCleanup(), {
    ...ports,
    connect: () => {
      const apiKey = readApiKey()
      if (apiKey === undefined) throw missing('api-key')
      const connection = readConnection(apiKey, savedCaCertificates())
      // There is no later chance to disable a certificate.
      return new DigicertOne({ ...connection, retries: Math.max(connection.retries, LEAST_RETRIES) }, ports)
    },
  })
}
