import type { KeyObject } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describeCertificate } from '../x509/certificate.ts'
import { encodePkcs12, type Pkcs12Contents, prepareProtection } from '../x509/pkcs12.ts'
import { daysRemaining, describeRemaining } from '../x509/validity.ts'
import { pemIdentity, privateKeyPem, writeMaterial } from './deliver.ts'
import { readIssued } from './issued.ts'
import { newNickname } from './nickname.ts'
import { obtain } from './obtain.ts'
import { newPassword } from './password.ts'
import { prove } from './prove.ts'
import { warnOfPassword } from './readers.ts'
import type { Delivered, IssueRequest, Ports } from './request.ts'

/**
 * Issues a certificate for this job, proves it and writes it where the signing steps find it.
 * @param key the private key, whose generation has already begun
 * @throws ActionError
 */
export async function issue(
  request: IssueRequest,
  key: Promise<KeyObject>,
  ports: Ports,
): Promise<Delivered> {
  const { digicert, log, mask } = ports
  const password = request.password ?? newPassword(ports.random)
  mask.text(password)
  warnOfPassword(password, log)
  const encryption = request.encryption === 'auto' ? 'modern' : request.encryption
  // The connection may be there by now: its handshake begins before this thread is busy again.
  await nextTurn()
  const protection = prepareProtection(encryption, password)
  protection.catch(() => undefined)
  const privateKey = await key
  const pem = privateKeyPem(privateKey)
  mask.privateKey(pem)

  const nickname = () => newNickname(request.namePrefix, ports.random)
  const { record, requestedEnd } = await obtain({ ...request, nickname }, privateKey, ports)
  const { certificate, chain } = readIssued(record, privateKey)
  // Some readers take no further certificate in a P12; what is verified is what it holds.
  const identity = pemIdentity(pem, certificate, [])
  if (request.verify) await digicert.openClientauth(identity)
  const facts = describeCertificate(certificate)
  const remaining = describeRemaining(facts.notAfter, ports.clock.now())
  log.info(
    `Issued "${record.name}" (id ${record.id}, serial number ${facts.serialNumber}), valid for ${remaining}.`,
  )
  if (facts.notAfter.getTime() !== requestedEnd.getTime()) {
    log.notice(
      `DigiCert ONE set the end to ${facts.notAfter.toISOString()} instead of ${requestedEnd.toISOString()}.`,
    )
  }

  // The P12 is made while the handshake is under way; both hold the same key and certificate.
  const contents = { privateKey, certificate, chain: [], password, encryption, protection }
  const [{ user, verified }, p12] = await Promise.all([
    prove({ identity, facts, isNew: true }, { ...request, apiKey: 'used' }, ports),
    encodeMasked(contents, ports),
  ])
  const files = writeMaterial(ports.directory, {
    p12,
    certificate,
    chain,
    privateKey: request.writeKey ? privateKey : undefined,
  })
  return {
    mode: 'issue',
    facts,
    name: record.name,
    certificateId: record.id,
    user: user ?? (record.userId === '' ? undefined : { id: record.userId, name: '' }),
    verified,
    permissions: request.requirePermissions,
    password,
    files,
    clientauthUrl: digicert.hosts.clientauth,
    daysRemaining: daysRemaining(facts.notAfter, ports.clock.now()),
    expiring: false,
  }
}

async function encodeMasked(contents: Pkcs12Contents, { mask }: Ports): Promise<Buffer> {
  const p12 = await encodePkcs12(contents)
  mask.bytes(p12)
  return p12
}
