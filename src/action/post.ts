import { DigicertOne } from '../digicert/client.ts'
import { proxySecrets } from '../digicert/proxy.ts'
import { cleanUp } from '../operations/cleanup.ts'
import { jobLog } from './log.ts'
import { maskText } from './masks.ts'
import { systemClock, systemRandom } from './runner.ts'
import { readJob } from './state.ts'

/** Whatever the user's `retries` are. */
const LEAST_RETRIES = 4

/**
 * The post step: leaves nothing behind, and never fails the job. It reads no input: they may be empty here, or
 * another action's, and so name another server or hold another key.
 */
export async function runPost(env: NodeJS.ProcessEnv): Promise<void> {
  const job = readJob(env)
  for (const secret of [job?.connection.apiKey ?? '', ...proxySecrets()]) maskText(secret)
  if (job === undefined) {
    jobLog.info('The main step left nothing to clean up.')
    return
  }
  const ports = { clock: systemClock, random: systemRandom, log: jobLog }
  // There is no later chance to disable a certificate.
  const connection = { ...job.connection, retries: Math.max(job.connection.retries, LEAST_RETRIES) }
  await cleanUp(job.leftovers, job.atJobEnd, { ...ports, connect: () => new DigicertOne(connection, ports) })
}
