/** The things that people store where a P12 should be, each with the words that help. None of them quotes the content. */
import { ActionError } from '../../errors.ts'
import { KeyRefused } from '../key-limits.ts'
import { readCertificate } from '../pem.ts'

const STORE = 'Store the output of: base64 -w0 client.p12'
const EXPORT =
  'Make a P12 of certificate and key: openssl pkcs12 -export -in client.crt -inkey client.key -out client.p12'

/** The usual mistake that a text is, if it is one. */
export function recognizeText(text: string): ActionError | undefined {
  return TEXT_MISTAKES.find(({ matches }) => matches(text))?.error()
}

/**
 * The usual mistake that PEM armour other than a P12's is.
 * @param labels those of all blocks in the text
 */
export function recognizePem(label: string, labels: string[]): ActionError {
  if (labels.some(isKey) && labels.some(isCertificateLabel)) return certificateWithKey()
  if (label.includes('PRIVATE KEY')) return keyAlone()
  if (label.includes('REQUEST')) {
    return mistake(
      'is a certificate signing request',
      'The .csr file was stored in place of the P12.',
      EXPORT,
    )
  }
  if (label === 'PKCS7' || label === 'CMS') return pkcs7()
  return label.includes('CERTIFICATE') ? certificateAlone() : unknownPem()
}

/** The usual mistake that some bytes are, if they are one. */
export function recognizeBytes(bytes: Buffer): ActionError | undefined {
  return BYTE_MISTAKES.find(({ matches }) => matches(bytes))?.error()
}

export function notBase64(): ActionError {
  return mistake(
    'is not base64 text',
    'It contains characters that base64 does not have: another file was stored, or the text was changed on the way.',
    `${STORE} — or use p12-file for a path.`,
  )
}

export function cutBase64(): ActionError {
  return mistake('is base64 text that is cut off', 'Its last characters are missing.', STORE)
}

/** For a file, whose content no secret was put into by the runner. */
export function emptyFile(): ActionError {
  return mistake(
    'is an empty file',
    'The step that writes it had nothing to write: a secret that is empty or not available here, or a command that failed before a pipe.',
    'Check the step that writes the file, and the name of the secret in it.',
  )
}

export function notAP12(): ActionError {
  return mistake(
    'is not a PKCS#12 file',
    'Its bytes are something else: another secret (the password?) or another file was stored, or the text was encoded or encrypted once more.',
    STORE,
  )
}

const isKey = (label: string): boolean => label.includes('PRIVATE KEY')
const isCertificateLabel = (label: string): boolean => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label)

/** `what` continues "What was given as the P12 …". */
function mistake(what: string, why: string, fix: string): ActionError {
  return new ActionError('P12_ENCODING', { what: `What was given as the P12 ${what}.`, why, fix })
}

const keyAlone = () =>
  mistake('is a private key, without its certificate', 'The key file was stored in place of the P12.', EXPORT)

const certificateWithKey = () =>
  mistake(
    'is a certificate with its private key as PEM text, which is not a P12',
    'The .pem file was stored as it is; the P12 is still to be made of it.',
    `Save the text as client.pem, put a password into the variable P12_PASSWORD, and run: openssl pkcs12 -export -in client.pem -out client.p12 -passout env:P12_PASSWORD. ${STORE}`,
  )

const certificateAlone = () =>
  mistake(
    'is a certificate, without its private key',
    'The .crt or .pem file was stored in place of the P12.',
    EXPORT,
  )

const unknownPem = () =>
  mistake('is PEM text, but not of a P12', 'Another file was stored in place of the P12.', STORE)

const pkcs7 = () =>
  mistake(
    'is a PKCS#7 file (.p7b), which has no private key',
    'The certificates were exported without the key.',
    EXPORT,
  )

const TEXT_MISTAKES: { matches: (text: string) => boolean; error: () => ActionError }[] = [
  {
    matches: text => text === '',
    error: () =>
      mistake(
        'is empty',
        'The secret does not exist under that name, or is not available here, as on a pull request from a fork or from Dependabot.',
        `Check the name of the secret. ${STORE}`,
      ),
  },
  {
    matches: text => /^[*•]+$/.test(text),
    error: () =>
      mistake('is a row of asterisks', 'A masked value was copied from a log or a web page.', STORE),
  },
  {
    matches: text => /^version https:\/\/git-lfs\.github\.com\/spec\//.test(text),
    error: () =>
      mistake(
        'is a Git LFS pointer, not the file that it stands for',
        'The file is kept in Git LFS, and the checkout did not fetch it.',
        "Give the step with actions/checkout the input 'lfs: true'.",
      ),
  },
  {
    matches: text => text.includes('${{'),
    error: () =>
      mistake(
        'is a workflow expression that nobody evaluated',
        `The \${{ … }} stands in the secret itself, or in a place where GitHub does not evaluate it.`,
        `Write p12: \${{ secrets.NAME }} in the workflow, and the base64 text in the secret.`,
      ),
  },
  {
    matches: text => /^(\$\w+|\$[{(].*|%\w+%)$/s.test(text),
    error: () =>
      mistake(
        'is a variable that nobody replaced',
        'Inputs are not run through a shell.',
        `Write \${{ env.NAME }} or \${{ secrets.NAME }} in the workflow.`,
      ),
  },
  {
    matches: text => /^[[{]/.test(text),
    error: () =>
      mistake(
        'is JSON',
        'A whole response or key file was stored, not the P12 inside it.',
        `Store the P12 alone. ${STORE}`,
      ),
  },
  {
    matches: text => /^[a-z][a-z0-9+.-]+:\/\//i.test(text),
    error: () => mistake('is a link', 'The place of the file was given, not its content.', STORE),
  },
  {
    matches: isPath,
    error: () =>
      mistake(
        'is a path',
        'The input takes the content of the file.',
        'Use p12-file for a path, in place of p12.',
      ),
  },
  {
    matches: text => text.includes('-----BEGIN'),
    error: () => mistake('is PEM text that is cut off', 'Its END line is missing.', STORE),
  },
]

/** The base64 text of a P12 starts with a letter, so no slash or dot starts one; that of a JKS store starts with /u3+7Q. */
function isPath(text: string): boolean {
  if (text.length > 4096 || /[\r\n]/.test(text)) return false
  return (
    /^(\/(?!u3\+7Q)|\.{1,2}[\\/]|~|[a-z]:[\\/]|\\)/i.test(text) ||
    /\.(p12|pfx|pem|crt|cer|der|key|jks|keystore|txt|b64|base64)$/i.test(text)
  )
}

const BYTE_MISTAKES: { matches: (bytes: Buffer) => boolean; error: () => ActionError }[] = [
  {
    matches: bytes => ['feedfeed', 'cececece'].includes(bytes.toString('hex', 0, 4)),
    error: () =>
      mistake(
        'is a Java key store in the old JKS format',
        'keytool wrote that format before Java 9.',
        'Convert it: keytool -importkeystore -srckeystore client.jks -destkeystore client.p12 -deststoretype PKCS12',
      ),
  },
  {
    matches: bytes => bytes.toString('latin1', 0, 4) === 'PK\x03\x04',
    error: () =>
      mistake('is a ZIP file', 'The archive around the P12 was stored.', `Unpack it first. ${STORE}`),
  },
  { matches: isCertificate, error: certificateAlone },
  {
    // SEQUENCE { INTEGER 0 or 1, …: PKCS#8, PKCS#1 or SEC 1
    matches: bytes => /^30(8[1-4](..){1,4}?|..)02010[01](30|02|04)/.test(bytes.toString('hex', 0, 16)),
    error: keyAlone,
  },
  {
    // SEQUENCE { OID 1.2.840.113549.1.7.…
    matches: bytes => /^30(8[0-4]|..).{0,8}06092a864886f70d0107/.test(bytes.toString('hex', 0, 20)),
    error: pkcs7,
  },
]

function isCertificate(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30) return false
  try {
    readCertificate(bytes)
    return true
  } catch (error) {
    return error instanceof KeyRefused
  }
}
