import type { BasicPorts, Mask } from '../ports.ts'
import { decodePkcs12, type Pkcs12 } from '../x509/pkcs12.ts'
import { tellChoice } from './choice.ts'
import { describeStray } from './password.ts'

export interface StoredP12 {
  bytes: Buffer
  /** As the secret contains it, possibly with something stray around it. */
  password: string
}

export type OpeningPorts = Pick<BasicPorts, 'log' | 'clock'> & { mask: Mask }

/**
 * Opens a stored P12, and says what is odd about it: a password with something around it, several certificates.
 * @throws ActionError P12_*
 */
export async function openP12({ bytes, password }: StoredP12, ports: OpeningPorts): Promise<Pkcs12> {
  const { clock, log, mask } = ports
  const opened = await decodePkcs12(bytes, password, clock.now())
  if (opened.password !== password) {
    // So far only the secret as is has been masked.
    mask.text(opened.password)
    log.warning(describeStray(password, opened.password))
  }
  tellChoice(opened, log)
  return opened
}
