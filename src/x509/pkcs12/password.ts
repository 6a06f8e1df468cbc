/** A password in the byte forms that PKCS#12 writers give it. */

/**
 * RFC 7292 §B.1 asks for a terminated BMPString, PBES2 writers settled on UTF-8, and some writers did something else:
 * `usual` says whether OpenSSL, curl and the rest come to the same bytes.
 */
export interface PasswordForm {
  bytes: Buffer
  usual: boolean
  /** Which of its two encodings an empty password has. */
  empty?: 'terminated' | 'none'
}

/** UTF-16, big endian, terminated (RFC 7292 §B.1). */
export function bmpPassword(password: string): Buffer {
  return Buffer.from(`${password}\0`, 'utf16le').swap16()
}

/** For PKCS#12's own key derivation: the MAC and the pbeWithSHA… schemes. */
export function bmpForms(password: string): PasswordForm[] {
  if (password === '') return EMPTY_FORMS
  const forms = [usual(bmpPassword(password))]
  if (isAscii(password)) return forms
  const normalized = normalize(password)
  if (normalized !== password) {
    // GnuTLS encrypts under the normalised text, but makes the MAC under the text as it is, cut to the length of that.
    forms.push(unusual(bmpPassword(normalized)), unusual(bmpPassword(password.slice(0, normalized.length))))
  }
  // OpenSSL before 1.1 took each byte of the UTF-8 text for a character.
  const widened = Buffer.from(password, 'utf8').toString('latin1')
  return [...forms, unusual(bmpPassword(widened))]
}

/** "No password" is written as two zero bytes or as none at all; OpenSSL too tries both. */
const EMPTY_FORMS: PasswordForm[] = [
  { bytes: Buffer.alloc(2), usual: true, empty: 'terminated' },
  { bytes: Buffer.alloc(0), usual: true, empty: 'none' },
]

/** For PBKDF2, scrypt and PBKDF1, which take plain bytes. */
export function byteForms(password: string): PasswordForm[] {
  const forms = [usual(Buffer.from(password, 'utf8'))]
  if (!isAscii(password)) forms.push(unusual(forgeBytes(password)))
  const normalized = normalize(password)
  if (normalized !== password) forms.push(unusual(Buffer.from(normalized, 'utf8')))
  // NSS before 3.31 gave PBES2 the BMPString.
  return [...forms, unusual(bmpPassword(password))]
}

const usual = (bytes: Buffer): PasswordForm => ({ bytes, usual: true })
const unusual = (bytes: Buffer): PasswordForm => ({ bytes, usual: false })

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text)
}

/** RFC 8265 §4.2.2, as GnuTLS follows it: any space is a plain one, and what can be composed is. */
function normalize(password: string): string {
  return password.replace(/\p{Zs}/gu, ' ').normalize('NFC')
}

/**
 * node-forge takes a character for a byte, and so do programs in a Windows code page. What exceeds a byte, forge adds to
 * the byte before it in the same 32-bit word.
 */
function forgeBytes(password: string): Buffer {
  const codes = Array.from({ length: password.length }, (_, index) => password.charCodeAt(index))
  return Buffer.from(codes.map((code, index) => code ^ (index % 4 === 3 ? 0 : (codes[index + 1] ?? 0) >> 8)))
}
