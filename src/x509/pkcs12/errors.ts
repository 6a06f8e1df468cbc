/** What can be wrong with a P12, in words for the person who has to fix it. None of them quotes the file. */
import { ActionError } from '../../errors.ts'
import type { KeyRefused } from '../key-limits.ts'

const EXPORT_AGAIN =
  'Export it again, for example: openssl pkcs12 -export -in client.crt -inkey client.key -certfile chain.pem -out client.p12'

export function malformed(what: string, cause?: unknown): ActionError {
  return new ActionError(
    'P12_MALFORMED',
    {
      what: `The P12 is damaged: ${what}.`,
      why: 'The file was cut off or changed when it was copied, or it is not a PKCS#12 file.',
      fix: 'Check the file with "openssl pkcs12 -info -noout -in client.p12", then store it again: base64 -w0 client.p12',
    },
    cause,
  )
}

export function wrongPassword(password: string, cause?: unknown): ActionError {
  const given = password === '' ? 'no password was given,' : 'the password is wrong'
  return new ActionError(
    'P12_PASSWORD',
    {
      what: `Could not open the P12: ${given} or the file is damaged.`,
      why:
        'The password belongs to another P12, was cut or changed when it was stored (quotes, a shell that replaced $ or !, ' +
        'a trailing space), or its secret is not available here, as on a pull request from a fork. A damaged file looks ' +
        'the same.',
      fix: 'Try both where they came from: openssl pkcs12 -info -noout -in client.p12. If that opens the file, store the file and the password again together.',
    },
    cause,
  )
}

/** The usual encodings of the password have failed, and each of the others costs as much again. */
export function passwordNotTried(): ActionError {
  return new ActionError('P12_PASSWORD', {
    what: 'Could not open the P12: the password is wrong, or the file demands too much work to try it in more encodings.',
    why: 'The password belongs to another P12, or the file is damaged or was made to keep its reader busy: its iteration counts are far higher than usual.',
    fix: `Try the file and the password where they came from: openssl pkcs12 -info -noout -in client.p12. ${EXPORT_AGAIN}`,
  })
}

/** By the MAC the password is right, and yet something inside cannot be decrypted. */
export function contentPassword(cause?: unknown): ActionError {
  return new ActionError(
    'P12_PASSWORD',
    {
      what: 'The password opens the P12, but does not decrypt its content.',
      why: 'The private key has a password of its own (Java key stores can do that), or the file is damaged.',
      fix: `Give the key and the file one password. ${EXPORT_AGAIN}`,
    },
    cause,
  )
}

export function unsupported(algorithm: string, cause?: unknown): ActionError {
  return new ActionError(
    'P12_UNSUPPORTED',
    {
      what: `The P12 uses ${algorithm}, which is not supported.`,
      why: 'The program that wrote the file uses an uncommon protection or kind of key.',
      fix: `${EXPORT_AGAIN} (AES-256 is what OpenSSL 3 uses by default.)`,
    },
    cause,
  )
}

/** A private key that is not in the format that PKCS#12 requires. */
export function otherForm(form: string): ActionError {
  return new ActionError('P12_UNSUPPORTED', {
    what: `The private key in the P12 is in the ${form} format, but PKCS#12 requires PKCS#8.`,
    why: 'The program that made the P12 did not convert the key.',
    fix: EXPORT_AGAIN,
  })
}

/** A key that is not passed to OpenSSL, because of its kind or its size. */
export function refusedKey({ message, limit }: KeyRefused): ActionError {
  if (limit !== undefined) return tooMuch(`it contains ${message}`, limit)
  return new ActionError('P12_UNSUPPORTED', {
    what: `The P12 contains ${message}, which is not supported.`,
    why: 'The certificate was requested for a key that does not work in TLS, or the file contains other keys as well.',
    fix: 'Request a certificate for an RSA key of 2048 to 4096 bits, and put only that key and its certificate into the P12.',
  })
}

export function tooMuch(what: string, limit: string): ActionError {
  return new ActionError('P12_LIMIT', {
    what: `The P12 was refused: ${what} (the limit is ${limit}).`,
    why: 'The file is damaged, or was made to keep its reader busy: no ordinary program writes such a file.',
    fix: EXPORT_AGAIN,
  })
}

export function noKey(): ActionError {
  return new ActionError('P12_NO_KEY', {
    what: 'The P12 contains no private key.',
    why: 'Only the certificates were exported (a trust store, or an export without "include the private key").',
    fix: `Export the certificate together with its private key. ${EXPORT_AGAIN}`,
  })
}

export function noCertificate(): ActionError {
  return new ActionError('P12_NO_CERTIFICATE', {
    what: 'The P12 contains a private key but no certificate.',
    why: 'The certificate that DigiCert issued was not added when the P12 was made.',
    fix: `Add the issued certificate. ${EXPORT_AGAIN}`,
  })
}

export function keyMismatch(): ActionError {
  return new ActionError('P12_KEY_MISMATCH', {
    what: 'No certificate in the P12 belongs to its private key.',
    why: 'The file was made from the key of one request and the certificate of another, or contains only the issuing certificates.',
    fix: `Use the key that the certificate was requested with, or request a new certificate. ${EXPORT_AGAIN}`,
  })
}
