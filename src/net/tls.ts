/** Node's own list (`crypto.constants.defaultCoreCipherList`), which NODE_OPTIONS and OPENSSL_CONF could replace. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'DHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'DHE-RSA-AES128-SHA256',
  'ECDHE-RSA-AES256-SHA384',
  'DHE-RSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA256',
  'DHE-RSA-AES256-SHA256',
  // AES with RSA key exchange, which servers inside a network may need, among others.
  'HIGH',
  '!aNULL',
  '!eNULL',
  '!EXPORT',
  '!DES',
  '!3DES',
  '!RC4',
  '!MD5',
  '!PSK',
  '!SRP',
  '!CAMELLIA',
  // OpenSSL's own level: no RSA key below 2048 bits, no signature with SHA-1.
  '@SECLEVEL=2',
]

/**
 * What every TLS connection is opened with, so that nothing in the environment (NODE_OPTIONS, OPENSSL_CONF,
 * NODE_TLS_REJECT_UNAUTHORIZED) makes it weaker.
 */
export const TLS = {
  minVersion: 'TLSv1.2',
  ciphers: CIPHERS.join(':'),
  rejectUnauthorized: true,
} as const
