import type { KeyObject } from 'node:crypto'
import type { DigicertOne } from '../../digicert/client.ts'
import type { CertificateRecord } from '../../digicert/records.ts'
import { ActionError } from '../../errors.ts'
import type { Clock, Ledger, Log, Mask, Random } from '../../ports.ts'
import { describeCertificate } from '../../x509/certificate.ts'
import type { KeySize } from '../../x509/key.ts'
import { decodePkcs12, type Encryption, preparePkcs12 } from '../../x509/pkcs12.ts'
import type { Rdn } from '../../x509/subject.ts'
import { privateKeyPem } from '../deliver.ts'
import { type Held, hold } from '../held.ts'
import { readIssued, tellIssued } from '../issued.ts'
import { rotationNickname } from '../nickname.ts'
import { obtain } from '../obtain.ts'
import { prove } from '../prove.ts'

export interface RenewRequest {
  /** Start of the nickname, as the user or GitHub wrote it. */
  namePrefix: string
  subject: Rdn[] | undefined
  validitySeconds: number
  keySize: KeySize
  encryption: Encryption
  /** Of the P12 that is replaced: one write of one secret then switches a target. */
  password: string
  /** Of the P12 that is replaced, so that a weak password stays as well protected. */
  iterations: number
  /** Serial number of the certificate that is replaced. */
  replaces: string
}

export interface RenewPorts {
  digicert: DigicertOne
  clock: Clock
  random: Random
  log: Log
  mask: Mask
  newKey(size: KeySize): Promise<KeyObject>
}

/** A new certificate in a new P12, verified, and not handed to anybody yet. */
export interface Renewed extends Held {
  record: CertificateRecord
  p12: Buffer
}

/** The nicknames record what a run leaves behind; the next run reads it there. */
const NO_LEDGER: Ledger = { asking: () => undefined, settled: () => undefined, issued: () => undefined }

/**
 * Issues a certificate that replaces another and verifies the very P12 that will be stored. One that turns out not to
 * work is disabled at once.
 * @throws ActionError
 */
export async function renew(request: RenewRequest, ports: RenewPorts): Promise<Renewed> {
  const { mask, random } = ports
  const privateKey = await ports.newKey(request.keySize)
  mask.privateKey(privateKeyPem(privateKey))
  const nickname = () => rotationNickname(request.namePrefix, request.replaces, random)
  const obtained = await obtain({ ...request, verify: true, nickname }, privateKey, {
    ...ports,
    ledger: NO_LEDGER,
  })
  const { record } = obtained
  try {
    const { certificate } = readIssued(record, privateKey)
    tellIssued(obtained, describeCertificate(certificate), ports)
    const { password, encryption, iterations } = request
    const p12 = await preparePkcs12(encryption, password, iterations)({ privateKey, certificate, chain: [] })
    mask.bytes(p12, password)
    const held = { ...hold(await decodePkcs12(p12, password), mask), isNew: true }
    await prove(held, { verify: true, requirePermissions: [], apiKey: 'used' }, ports)
    return { ...held, record, p12 }
  } catch (error) {
    await takeBack(record, ports)
    throw error
  }
}

/** Disables a new certificate that nobody received. */
export async function takeBack(
  { id, name }: CertificateRecord,
  { digicert, log }: Pick<RenewPorts, 'digicert' | 'log'>,
): Promise<void> {
  try {
    digicert.retryPolicy.budget.renew()
    await digicert.disable(id)
    log.info(`Disabled the new certificate "${name}" (id ${id}), because no secret contains it.`)
  } catch (error) {
    const reason = error instanceof ActionError ? ` ${error.message}` : ''
    log.warning(
      `The new certificate "${name}" (id ${id}) may still be enabled, though no secret contains it.${reason} A later run of the rotation disables it after the grace period.`,
    )
  }
}
