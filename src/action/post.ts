import { DigicertOne } from '../digicert/client.ts'
import { proxySecrets } from '../net/proxy.ts'
import { cleanUp } from '../operations/cleanup.ts'
import { loadList } from './list.ts'
import { jobLog } from './log.ts'
import { maskText } from './masks.ts'
import { systemClock, systemRandom } from './runner.ts'
import { readJob, savedApiKey, savedConnection } from './state.ts'

/** However many `retries` the user has set. */
const LEAST_RETRIES = 4

/**
 * The post step: leaves nothing behind, and never fails the job. It reads no input: they may be empty here, or
 * another action's, and so name another server or contain another key.
 */
export async function runPost(env: NodeJS.ProcessEnv): Promise<void> {
  for (const secret of [savedApiKey(), ...proxySecrets()]) maskText(secret)
  const job = readJob(env)
  if (job === undefined) return
  const ports = { clock: systemClock, random: systemRandom, log: jobLog }
  const connect = () => {
    const connection = savedConnection()
    // This is the last chance to disable a certificate.
    const options = { ...connection, retries: Math.max(connection.retries, LEAST_RETRIES) }
    return new DigicertOne(options, { ...ports, loadList })
  }
  await cleanUp(job.leftovers, job.atJobEnd, { ...ports, connect })
}
