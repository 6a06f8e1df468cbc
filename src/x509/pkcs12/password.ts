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
  if (isAscii(password)) return [usual(bmpPassword(password))]
  const normalized = normalize(password)
  return distinct(
    usual(bmpPassword(password)),
    ...spellings(password).map(spelling => unusual(bmpPassword(spelling))),
    // GnuTLS encrypts under the normalized text, but makes the MAC under the original text, cut to the length of that.
    unusual(bmpPassword(normalized)),
    unusual(bmpPassword(password.slice(0, normalized.length))),
    // OpenSSL before 1.1, and where the text is not UTF-8, takes each byte for a character.
    unusual(bmpPassword(Buffer.from(password, 'utf8').toString('latin1'))),
    ...inCodePage(password).map(bytes => unusual(bmpPassword(bytes.toString('latin1')))),
  )
}

/** "No password" is written as two zero bytes or as none at all; OpenSSL too tries both. */
const EMPTY_FORMS: PasswordForm[] = [
  { bytes: Buffer.alloc(2), usual: true, empty: 'terminated' },
  { bytes: Buffer.alloc(0), usual: true, empty: 'none' },
]

/** For PBKDF2, scrypt and PBKDF1, which take plain bytes. */
export function byteForms(password: string): PasswordForm[] {
  // NSS before 3.31 gave PBES2 the BMPString.
  if (isAscii(password)) return distinct(usual(Buffer.from(password)), unusual(bmpPassword(password)))
  const others = spellings(password)
  return distinct(
    usual(Buffer.from(password)),
    ...others.map(spelling => unusual(Buffer.from(spelling))),
    unusual(forgeBytes(password)),
    ...inCodePage(password).map(unusual),
    unusual(Buffer.from(normalize(password))),
    ...[password, ...others].map(spelling => unusual(bmpPassword(spelling))),
  )
}

/** Each form costs a derivation, so none is tried twice. */
function distinct(...forms: PasswordForm[]): PasswordForm[] {
  const seen = new Set<string>()
  return forms.filter(({ bytes }) => {
    const known = seen.has(bytes.toString('latin1'))
    seen.add(bytes.toString('latin1'))
    return !known
  })
}

/** What was typed on a Mac may have accents as characters of their own, and what is in the secret not, or the reverse. */
function spellings(password: string): string[] {
  return [password.normalize('NFC'), password.normalize('NFD')]
}

/** Windows-1252, bytes 80 to 9F; the other bytes are those of Latin-1. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/** As OpenSSL gets it from a command line on Windows. Nothing when a character is not in its code page. */
function inCodePage(password: string): Buffer[] {
  const bytes = [...password.normalize('NFC')].map(character => {
    const special = WINDOWS_1252.indexOf(character)
    return special >= 0 ? 0x80 + special : (character.codePointAt(0) ?? 0)
  })
  return bytes.every(byte => byte < 0x100) ? [Buffer.from(bytes)] : []
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
