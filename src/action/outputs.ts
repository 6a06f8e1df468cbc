import { addPath, exportVariable, setOutput } from '@actions/core'
import type { Delivered, DeliveredFiles } from '../operations/deliver.ts'
import type { Signing } from '../operations/preflight/types.ts'
import type { InstalledSmctl } from '../smctl/install.ts'

/** Hands the certificate to later steps, and smctl when it was installed. */
export function setOutputs(delivered: Delivered, smctl?: InstalledSmctl): void {
  const all = { ...outputs(delivered), 'smctl-path': smctl?.path ?? '' }
  for (const [name, value] of Object.entries(all)) setOutput(name, value)
  if (smctl !== undefined) addPath(smctl.directory)
}

/**
 * The variables that DigiCert's signing tools read.
 * @returns their names
 */
export function exportEnvironment(
  { clientauthUrl, files, password, signing }: Delivered,
  apiKey: string | undefined,
): string[] {
  const variables = {
    SM_HOST: clientauthUrl,
    SM_CLIENT_CERT_FILE: files.p12,
    SM_CLIENT_CERT_PASSWORD: password,
    ...(apiKey === undefined ? {} : { SM_API_KEY: apiKey }),
    ...signingVariables(signing),
  }
  for (const [name, value] of Object.entries(variables)) exportVariable(name, value)
  return Object.keys(variables)
}

/** The names that DigiCert's workflow examples use. */
function signingVariables(signing: Signing | undefined): Record<string, string> {
  if (signing === undefined) return {}
  const { keypairAlias, certificate } = signing
  return {
    ...(keypairAlias === '' ? {} : { SM_KEYPAIR_ALIAS: keypairAlias }),
    ...(certificate === undefined ? {} : { SM_CODE_SIGNING_CERT_SHA1_HASH: certificate.sha1 }),
  }
}

function outputs({ facts, files, user, ...delivered }: Delivered): Record<string, string> {
  return {
    mode: delivered.mode,
    'p12-file': files.p12,
    'p12-password': delivered.password,
    'cert-file': files.certificate,
    'chain-file': files.chain,
    'key-file': files.key,
    'certificate-id': delivered.certificateId,
    name: delivered.name,
    'serial-number': facts.serialNumber,
    subject: facts.subject,
    issuer: facts.issuer,
    'fingerprint-sha256': facts.fingerprintSha256,
    'not-before': isoTime(facts.notBefore),
    'not-after': isoTime(facts.notAfter),
    'days-remaining': String(delivered.daysRemaining),
    expiring: String(delivered.expiring),
    'user-id': user?.id ?? '',
    'user-name': user?.name ?? '',
    'clientauth-url': delivered.clientauthUrl,
    ...signingOutputs(delivered.signing, files),
  }
}

function signingOutputs(signing: Signing | undefined, files: DeliveredFiles): Record<string, string> {
  const certificate = signing?.certificate
  return {
    'keypair-id': signing?.keypairId ?? '',
    'keypair-alias': signing?.keypairAlias ?? '',
    'signing-certificate-alias': signing?.certificateAlias ?? '',
    'signing-certificate-file': files.signingCertificate,
    'signing-certificate-sha1': certificate?.sha1 ?? '',
    'signing-certificate-sha256': certificate?.facts.fingerprintSha256 ?? '',
    'signing-certificate-subject': certificate?.facts.subject ?? '',
    'signing-certificate-not-after': certificate === undefined ? '' : isoTime(certificate.facts.notAfter),
    'signing-certificate-days-remaining': certificate === undefined ? '' : String(certificate.daysRemaining),
  }
}

/** ISO 8601 in UTC; X.509 knows no fractions of a second. */
export function isoTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z')
}
