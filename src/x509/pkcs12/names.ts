/** Names of encryptions that some programs offer and that are not supported, so that a refusal can name them. */

const NAMES: Record<string, string> = {
  '1.2.840.113549.1.5.1': 'pbeWithMD2AndDES-CBC',
  '1.2.840.113549.1.5.4': 'pbeWithMD2AndRC2-CBC',
  '1.2.840.113549.3.4': 'RC4',
  '1.2.840.113549.3.9': 'RC5-CBC',
  '1.3.14.3.2.6': 'DES-ECB',
  '1.3.14.3.2.8': 'DES-OFB',
  '1.3.14.3.2.9': 'DES-CFB',
  '1.3.14.3.2.17': '3DES-ECB',
  '1.3.6.1.4.1.3029.1.2': 'Blowfish-CBC',
  '1.3.6.1.4.1.188.7.1.1.2': 'IDEA-CBC',
  '1.2.840.113533.7.66.10': 'CAST5-CBC',
  '1.2.410.200004.1.4': 'SEED-CBC',
  '1.2.643.2.2.21': 'GOST 28147-89',
}

const AES = '2.16.840.1.101.3.4.1.'
/** The last number of the OID counts them, from 1, 21 and 41 on for the three sizes of key. */
const AES_MODES = ['ECB', 'CBC', 'OFB', 'CFB', 'Wrap', 'GCM', 'CCM', 'Wrap with padding']
const CAMELLIA = '0.3.4401.5.3.1.9.'
const CAMELLIA_MODES = ['ECB', undefined, 'OFB', 'CFB', undefined, 'GCM', 'CCM', undefined, 'CTR']

/** Continues "The P12 uses …". */
export function encryptionName(oid: string): string {
  const name =
    NAMES[oid] ?? sized('AES', AES, AES_MODES, oid) ?? sized('Camellia', CAMELLIA, CAMELLIA_MODES, oid)
  return `an encryption with the OID ${oid}${name === undefined ? '' : ` (${name})`}`
}

function sized(
  family: string,
  prefix: string,
  modes: (string | undefined)[],
  oid: string,
): string | undefined {
  const last = oid.startsWith(prefix) ? Number(oid.slice(prefix.length)) : 0
  const [size, mode] = [Math.floor(last / 20), modes[(last % 20) - 1]]
  return mode === undefined || size > 2 ? undefined : `${family}-${128 + 64 * size}-${mode}`
}
