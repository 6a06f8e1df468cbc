import { ActionError } from '../errors.ts'
import { readInputFile } from '../files.ts'
import { isBundleText, NoBundle, readBundle, readBundleText } from '../x509/ca-bundle.ts'
import { KeyRefused } from '../x509/key-limits.ts'
import { exactText, text } from './fields.ts'

/**
 * `ca-certificates`, as content or as a path to it, in PEM; empty when the input is.
 * @throws ActionError INPUT_INVALID, FILE_READ
 */
export function readCaCertificates(env: NodeJS.ProcessEnv): string[] {
  const given = exactText(env, 'ca-certificates')
  const path = text(env, 'ca-certificates')
  if (path === '') return []
  try {
    const found = isBundleText(given)
      ? readBundleText(given)
      : readBundle(readInputFile('ca-certificates', path))
    return found.map(certificate => certificate.toString())
  } catch (cause) {
    throw explain(cause)
  }
}

function explain(cause: unknown): unknown {
  if (cause instanceof KeyRefused) return refused(cause)
  return cause instanceof NoBundle ? noBundle(cause) : cause
}

function noBundle(cause: NoBundle): ActionError {
  return new ActionError(
    'INPUT_INVALID',
    {
      what: `The input 'ca-certificates' ${cause.message}.`,
      why: 'Another file or secret was given, or the text was changed on the way.',
      fix: cause.fix,
    },
    cause,
  )
}

function refused(cause: KeyRefused): ActionError {
  const limit = cause.limit === undefined ? '' : ` (the limit is ${cause.limit})`
  return new ActionError(
    'INPUT_INVALID',
    {
      what: `The input 'ca-certificates' contains ${cause.message}${limit}, which is not supported.`,
      why: 'The certificate is not the CA of your server, or the text was changed on the way.',
      fix: 'Provide only the CA certificates of your server, with RSA, EC or Ed25519 keys.',
    },
    cause,
  )
}
