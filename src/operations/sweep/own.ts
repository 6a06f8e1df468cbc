import type { CertificateRecord } from '../../digicert/records.ts'
import { counted } from '../../text.ts'
import type { SweepPorts } from './types.ts'

/**
 * Those that belong to the API key's own service user, as far as the list says whose they are: another user's may be in use
 * by somebody who was not asked.
 * @throws ActionError when it is not known whose key it is
 */
export async function onlyOwn(
  records: CertificateRecord[],
  { digicert, log }: SweepPorts,
): Promise<CertificateRecord[]> {
  if (records.every(({ userId }) => userId === '')) return records
  const { id } = await digicert.currentUser()
  const own = records.filter(({ userId }) => userId === '' || userId === id)
  const others = records.length - own.length
  if (others > 0)
    log.info(`Left ${counted(others, 'certificate')} alone: the API key belongs to another user.`)
  return own
}
