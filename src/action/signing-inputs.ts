import type { SigningRequest } from '../operations/preflight/types.ts'
import { conflict, duration, missing, text } from './fields.ts'

/**
 * What later steps sign with; undefined when neither alias is given.
 * @throws ActionError INPUT_*
 */
export function readSigning(
  env: NodeJS.ProcessEnv,
  apiKey: string | undefined,
  verify: boolean,
): SigningRequest | undefined {
  const keypairAlias = text(env, 'keypair-alias')
  const certificateAlias = text(env, 'certificate-alias')
  const thresholds = {
    warnWithin: duration(env, 'signing-warn-within', '30d'),
    failWithin: duration(env, 'signing-fail-within', '0d'),
  }
  if (keypairAlias === '' && certificateAlias === '') return undefined
  if (apiKey === undefined) throw missing('api-key')
  if (verify) return { keypairAlias, certificateAlias, thresholds }
  const alias = keypairAlias === '' ? 'certificate-alias' : 'keypair-alias'
  throw conflict(
    `The input '${alias}' is set, but 'verify' is false.`,
    "'verify' was switched off, but whether later steps can sign is verified over the same connection as the certificate.",
    `Leave 'verify' on, or remove '${alias}'.`,
  )
}
