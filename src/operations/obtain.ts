import type { KeyObject } from 'node:crypto'
import { utcMinute } from '../dates.ts'
import { type CertificateRequest, type DigicertOne, NicknameTaken, Unsettled } from '../digicert/client.ts'
import type { WantedRecords } from '../digicert/gathering.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import { ActionError } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import { Again, withRetries } from '../net/retry.ts'
import type { BasicPorts, Ledger } from '../ports.ts'
import { createCsr } from '../x509/csr.ts'
import type { KeySize } from '../x509/key.ts'
import type { Rdn } from '../x509/subject.ts'

/** A suffix is random, so if five in a row are taken, the suffix is not the reason. */
const MOST_NICKNAMES = 5

/** The certificate that is wanted. */
export interface Wanted {
  /** In DER order; undefined for `CN=<nickname>`. */
  subject: Rdn[] | undefined
  validitySeconds: number
  keySize: KeySize
  /** Whether the mTLS host will be asked about it; only then it is connected to. */
  verify: boolean
  /** Makes another one at each call. */
  nickname(): string
}

/** What issues certificates, and takes them out of service. DigiCert ONE is the first that does. */
export interface CertificateService {
  requestCertificate(request: CertificateRequest): Promise<CertificateRecord>
  listCertificates(wanted: WantedRecords): Promise<CertificateRecord[]>
  enable(id: string): Promise<void>
  disable(id: string): Promise<void>
}

export interface ObtainPorts extends BasicPorts {
  digicert: CertificateService & Pick<DigicertOne, 'hosts' | 'retryPolicy' | 'reachClientauth'>
  ledger: Ledger
}

export interface Obtained {
  record: CertificateRecord
  /** The requested expiry; the server may round it. */
  requestedEnd: Date
}

/**
 * Gets one certificate from an API that may lose responses. Every request has a nickname of its own, remembered
 * before it goes out. When a response is lost, the list of certificates says whether the request was carried out:
 * what it left is disabled (its certificate was only in the lost response), and only then is another one requested.
 * @throws ActionError
 */
export async function obtain(wanted: Wanted, key: KeyObject, ports: ObtainPorts): Promise<Obtained> {
  return await withRetries(ports.digicert.retryPolicy, ports, () => askByFreeNickname(wanted, key, ports))
}

async function askByFreeNickname(wanted: Wanted, key: KeyObject, ports: ObtainPorts): Promise<Obtained> {
  for (let count = 1; ; count++) {
    try {
      return await ask(wanted.nickname(), wanted, key, ports)
    } catch (error) {
      if (!(error instanceof NicknameTaken)) throw error
      if (count === MOST_NICKNAMES) throw error.reason
      ports.log.info('The nickname is taken; trying another.')
    }
  }
}

async function ask(nickname: string, wanted: Wanted, key: KeyObject, ports: ObtainPorts): Promise<Obtained> {
  const { digicert, clock, ledger, log } = ports
  const requestedEnd = wholeSeconds(clock.now().getTime() + wanted.validitySeconds * 1000)
  const csr = createCsr(key, wanted.subject ?? [{ type: 'CN', value: nickname }])
  ledger.asking(nickname)
  log.info(
    `Requesting "${nickname}" (RSA ${wanted.keySize}, valid until ${utcMinute(requestedEnd)}) from ${hostOf(digicert.hosts.api)}.`,
  )
  const answer = digicert.requestCertificate({ csr, nickname, end: requestedEnd })
  if (wanted.verify) digicert.reachClientauth()
  const record = await answer.catch(error => giveUp(nickname, error, ports))
  ledger.issued(record.id, nickname)
  return { record: { ...record, name: record.name || nickname }, requestedEnd }
}

/** Remembers, or makes sure, that nothing by this nickname is left enabled. */
async function giveUp(nickname: string, error: unknown, ports: ObtainPorts): Promise<never> {
  // The suffix is random: a nickname that is taken means that a gateway has sent our request twice.
  if (error instanceof NicknameTaken || error instanceof Unsettled) await settle(nickname, error, ports)
  if (error instanceof Unsettled) throw new Again(error.reason, error.waitMs)
  ports.ledger.settled(nickname)
  throw error
}

/**
 * Finds out whether the request was carried out, and if so takes its certificate out of service. When nothing is
 * found the nickname stays remembered: the server may still be at it, and the post step looks again.
 */
async function settle(
  nickname: string,
  lost: Unsettled | NicknameTaken,
  { digicert, ledger, log }: ObtainPorts,
): Promise<void> {
  log.info(`${lost.reason.message} The request may have been carried out anyway; looking for "${nickname}".`)
  try {
    const found = await digicert.listCertificates({ keep: ({ name }) => name === nickname, enough: 1 })
    for (const { id } of found) {
      await digicert.disable(id)
      log.info(
        `A certificate had been issued. Disabled it (id ${id}): its certificate was only in the lost response.`,
      )
    }
    if (found.length > 0) ledger.settled(nickname)
  } catch (cause) {
    throw cause instanceof ActionError ? unsettled(nickname, lost.reason, cause) : cause
  }
}

function unsettled(nickname: string, reason: ActionError, cause: ActionError): ActionError {
  return new ActionError(
    reason.code,
    {
      what: `${reason.message} Looking for a certificate that may have been issued anyway failed as well: ${cause.message}`,
      why: reason.why,
      fix: `${reason.fix} At the end of this job the post step looks for "${nickname}" and disables it.`,
    },
    cause,
  )
}

/** X.509 and the API count in seconds. */
function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000)
}
