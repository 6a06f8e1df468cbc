/** The things that people store in place of a P12, each with the words that help. None of them quotes the content. */
import { ActionError } from '../../errors.ts'
import { KeyRefused } from '../key-limits.ts'
import { readCertificate } from '../pem.ts'

const STORE = 'Store the output of: base64 -w0 client.p12'
const EXPORT =
  'Make a P12 from the certificate and its key: openssl pkcs12 -export -in client.crt -inkey client.key -out client.p12'

/** The usual mistake that a text shows, if it is one. */
export function recognizeText(text: string): ActionError | undefined {
  return TEXT_MISTAKES.find(({ matches }) => matches(text))?.error()
}

/**
 * The usual mistake that PEM armor other than a P12's shows.
 * @param labels those of all blocks in the text
 */
export function recognizePem(label: string, labels: string[]): ActionError {
  if (labels.some(isKey) && labels.some(isCertificateLabel)) return certificateWithKey()
  if (label.includes('PRIVATE KEY')) return keyAlone()
  if (label.includes('REQUEST')) {
    return mistake('is a certificate signing request', 'The .csr file was stored instead of the P12.', EXPORT)
  }
  if (label === 'PKCS7' || label === 'CMS') return pkcs7()
  return label.includes('CERTIFICATE') ? certificateAlone() : unknownPem()
}

/** The usual mistake that some bytes show, if they are one. */
export function recognizeBytes(bytes: Buffer): ActionError | undefined {
  return BYTE_MISTAKES.find(({ matches }) => matches(bytes))?.error()
}

export function notBase64(): ActionError {
  return mistake(
    'is not base64 text',
    'Another file or secret was stored, or the text was changed on the way.',
    `${STORE} (or use p12-file for a path).`,
  )
}

export function cutBase64(): ActionError {
  return mistake('is base64 text that is cut off', 'The text was copied only in part.', STORE)
}

/** For a file: its content does not come from the runner, as that of a secret does. */
export function emptyFile(): ActionError {
  return mistake(
    'is an empty file',
    'The step that writes it had nothing to write: its secret is empty or not available here, or a command in its pipe failed.',
    'Check the step that writes the file, and the name of its secret.',
  )
}

export function notAP12(): ActionError {
  return mistake(
    'is not a PKCS#12 file',
    'Another secret (the password?) or another file was stored, or the text was encoded or encrypted once more.',
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
  mistake('is a private key without its certificate', 'The key file was stored instead of the P12.', EXPORT)

const certificateWithKey = () =>
  mistake(
    'is a certificate with its private key as PEM text, which is not a P12',
    'The .pem file was stored as is, before a P12 was made from it.',
    `Save the text as client.pem, put a password into the variable P12_PASSWORD, and run: openssl pkcs12 -export -in client.pem -out client.p12 -passout env:P12_PASSWORD. ${STORE}`,
  )

const certificateAlone = () =>
  mistake(
    'is a certificate without its private key',
    'The .crt or .pem file was stored instead of the P12.',
    EXPORT,
  )

const unknownPem = () =>
  mistake('is PEM text, but not of a P12', 'Another file was stored instead of the P12.', STORE)

const pkcs7 = () =>
  mistake(
    'is a PKCS#7 file (.p7b), which contains no private key',
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
        'is a Git LFS pointer, not the file itself',
        'The file is kept in Git LFS, and the checkout did not fetch it.',
        'Set `lfs: true` on the step with actions/checkout.',
      ),
  },
  {
    matches: text => text.includes('${{'),
    error: () =>
      mistake(
        'is a workflow expression that was not evaluated',
        `The \${{ … }} was stored in the secret itself, or written in a place where GitHub does not evaluate it.`,
        `Write p12: \${{ secrets.NAME }} in the workflow, and store the base64 text in the secret.`,
      ),
  },
  {
    matches: text => /^(\$\w+|\$[{(].*|%\w+%)$/s.test(text),
    error: () =>
      mistake(
        'is a variable that was not expanded',
        'The variable was written for a shell, but inputs are not run through one.',
        `Write \${{ env.NAME }} or \${{ secrets.NAME }} in the workflow.`,
      ),
  },
  {
    matches: text => /^[[{]/.test(text),
    error: () =>
      mistake(
        'is JSON',
        'A whole response or key file was stored instead of the P12 inside it.',
        `Store the P12 alone. ${STORE}`,
      ),
  },
  {
    matches: text => /^[a-z][a-z0-9+.-]+:\/\//i.test(text),
    error: () => mistake('is a link', 'The address of the file was stored instead of its content.', STORE),
  },
  {
    matches: isPath,
    error: () =>
      mistake(
        'is a path',
        'The path was given as `p12`, which takes the content of the file.',
        'Use p12-file for a path instead of p12.',
      ),
  },
  {
    matches: text => text.includes('-----BEGIN'),
    error: () => mistake('is PEM text that is cut off', 'The text was copied without its END line.', STORE),
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
        'keytool wrote it before Java 9, which changed the default to PKCS#12.',
        'Convert it: keytool -importkeystore -srckeystore client.jks -destkeystore client.p12 -deststoretype PKCS12',
      ),
  },
  {
    matches: bytes => bytes.toString('latin1', 0, 4) === 'PK\x03\x04',
    error: () =>
      mistake('is a ZIP file', 'The archive that contains the P12 was stored.', `Unpack it first. ${STORE}`),
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
