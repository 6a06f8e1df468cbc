import { utcMinute } from '../dates.ts'
import { ActionError } from '../errors.ts'
import { type CertificateFacts, certificateName, describeCertificate } from '../x509/certificate.ts'
import { type Pkcs12, preparePkcs12 } from '../x509/pkcs12.ts'
import { daysRemaining, describeRemaining, validityState } from '../x509/validity.ts'
import {
  type Delivered,
  type DeliveryPorts,
  type DeliveryRequest,
  pemIdentity,
  privateKeyPem,
  writeMaterial,
} from './deliver.ts'
import { expired } from './diagnose.ts'
import { openP12 } from './opened.ts'
import { prove } from './prove.ts'
import { noticeRewritten, warnOfReaders } from './readers.ts'

export interface StoredRequest extends DeliveryRequest {
  mode: 'stored'
  p12: Buffer
  /** As the secret contains it, possibly with a stray line break. */
  password: string
  warnWithinSeconds: number
  failWithinSeconds: number
}

/**
 * Decodes a stored P12, checks when it expires, verifies it and writes it where the signing steps find it.
 * @throws ActionError
 */
export async function useStored(request: StoredRequest, ports: DeliveryPorts): Promise<Delivered> {
  const { digicert, log, mask } = ports
  const opened = await openP12({ bytes: request.p12, password: request.password }, ports)
  const { privateKey, certificate, chain } = opened
  const key = privateKeyPem(privateKey)
  mask.privateKey(key)
  mask.bytes(opened.der, opened.password)

  const facts = describeCertificate(certificate)
  const remaining = describeRemaining(facts.notAfter, ports.clock.now())
  log.info(
    `Opened the stored P12: ${facts.subject}, serial number ${facts.serialNumber}, valid until ${utcMinute(facts.notAfter)} (${remaining}).`,
  )
  const expiring = checkValidity(facts, request, ports)

  const p12 = await convert(opened, request, ports)
  if (p12 !== opened.der) mask.bytes(p12, opened.password)
  const identity = pemIdentity(key, certificate, chain)
  const apiKey = digicert.hasApiKey ? 'unknown' : 'none'
  const { user, verified, signing } = await prove(
    { identity, facts, isNew: false },
    { ...request, apiKey },
    ports,
  )
  const files = writeMaterial(ports.directory, {
    p12,
    certificate,
    chain,
    privateKey: request.writeKey ? privateKey : undefined,
    signing,
  })
  return {
    mode: 'stored',
    facts,
    name: opened.friendlyName ?? '',
    certificateId: '',
    user,
    verified,
    permissions: request.requirePermissions,
    signing,
    password: opened.password,
    files,
    clientauthUrl: digicert.hosts.clientauth,
    daysRemaining: daysRemaining(facts.notAfter, ports.clock.now()),
    expiring,
  }
}

/** @returns true when the certificate expires within `warn-within` */
function checkValidity(
  facts: CertificateFacts,
  request: StoredRequest,
  { clock, log }: DeliveryPorts,
): boolean {
  const now = clock.now()
  const limits = { failWithin: request.failWithinSeconds, warnWithin: request.warnWithinSeconds }
  const state = validityState(facts.notAfter, now, limits)
  if (state === 'expired') throw expired(facts, now)
  const expires = `The certificate ${certificateName(facts)} expires in ${describeRemaining(facts.notAfter, now)}, on ${utcMinute(facts.notAfter)}.`
  if (state === 'failing') {
    throw new ActionError('CERT_EXPIRING', {
      what: `${expires} That is less time than 'fail-within' requires.`,
      fix: "Replace the stored P12 with a new one, or lower 'fail-within' until then.",
    })
  }
  if (state === 'warning')
    log.warning(`${expires} Replace the stored P12 before that date; signing fails from then on.`)
  return state === 'warning'
}

/** The P12 for later steps: as is where everyone can read it, otherwise rewritten, as far as that helps. */
async function convert(opened: Pkcs12, request: StoredRequest, { log }: DeliveryPorts): Promise<Buffer> {
  const { privateKey, certificate, portableChain: chain, password, portability } = opened
  warnOfReaders(portability.lasting, log)
  if (request.encryption === 'auto' && portability.mendable.length === 0) return opened.der
  if (request.encryption === 'auto') noticeRewritten(portability.mendable, log)
  const encryption = request.encryption === 'legacy' ? 'legacy' : 'modern'
  return await preparePkcs12(encryption, password, opened.iterations)({ privateKey, certificate, chain })
}
