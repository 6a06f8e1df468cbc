import type { KeyObject } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describeCertificate } from '../x509/certificate.ts'
import { preparePkcs12 } from '../x509/pkcs12.ts'
import { daysRemaining } from '../x509/validity.ts'
import {
  type Delivered,
  type DeliveryPorts,
  type DeliveryRequest,
  pemIdentity,
  privateKeyPem,
  writeMaterial,
} from './deliver.ts'
import { readIssued, tellIssued } from './issued.ts'
import { newNickname } from './nickname.ts'
import { obtain, type Wanted } from './obtain.ts'
import { newPassword } from './password.ts'
import { prove } from './prove.ts'
import { warnOfPassword } from './readers.ts'

export interface IssueRequest extends DeliveryRequest, Omit<Wanted, 'nickname'> {
  mode: 'issue'
  /** Start of the nickname, already in the characters that DigiCert accepts. */
  namePrefix: string
  /** Undefined for a random one. */
  password: string | undefined
}

/**
 * Issues a certificate for this job, verifies it and writes it where the signing steps find it.
 * @param key the private key, whose generation has already begun
 * @throws ActionError
 */
export async function issue(
  request: IssueRequest,
  key: Promise<KeyObject>,
  ports: DeliveryPorts,
): Promise<Delivered> {
  const { digicert, log, mask } = ports
  const password = request.password ?? newPassword(ports.random)
  mask.text(password)
  warnOfPassword(password, log)
  const encryption = request.encryption === 'auto' ? 'modern' : request.encryption
  // The connection may be there by now: its handshake begins before this thread is busy again.
  await nextTurn()
  const write = preparePkcs12(encryption, password)
  const privateKey = await key
  const pem = privateKeyPem(privateKey)
  mask.privateKey(pem)

  const nickname = () => newNickname(request.namePrefix, ports.random)
  const obtained = await obtain({ ...request, nickname }, privateKey, ports)
  const { record } = obtained
  const { certificate, chain } = readIssued(record, privateKey)
  // Some readers take no further certificate in a P12; what is verified is what it contains.
  const identity = pemIdentity(pem, certificate, [])
  if (request.verify) await digicert.openClientauth(identity)
  const facts = describeCertificate(certificate)
  tellIssued(obtained, facts, ports)

  // The P12 is made during the handshake; both use the same key and certificate.
  const [{ user, verified, signing }, p12] = await Promise.all([
    prove({ identity, facts, isNew: true }, { ...request, apiKey: 'used' }, ports),
    write({ privateKey, certificate, chain: [] }).then(p12 => {
      mask.bytes(p12, password)
      return p12
    }),
  ])
  const files = writeMaterial(ports.directory, {
    p12,
    certificate,
    chain,
    privateKey: request.writeKey ? privateKey : undefined,
    signing,
  })
  return {
    mode: 'issue',
    facts,
    name: record.name,
    certificateId: record.id,
    user: user ?? (record.userId === '' ? undefined : { id: record.userId, name: '' }),
    verified,
    permissions: request.requirePermissions,
    signing,
    password,
    files,
    clientauthUrl: digicert.hosts.clientauth,
    daysRemaining: daysRemaining(facts.notAfter, ports.clock.now()),
    expiring: false,
  }
}
