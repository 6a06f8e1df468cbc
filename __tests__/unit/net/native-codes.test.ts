import { getSystemErrorMap } from 'node:util'
import { expect, test } from '@jest/globals'
import { errors as undici } from 'undici'
import { explainExchange } from '../../../src/digicert/errors.ts'
import { NoAnswer } from '../../../src/digicert/json-endpoint.ts'
import type { ActionError, ErrorCode } from '../../../src/errors.ts'
import { explainGithub, isPassing } from '../../../src/github/errors.ts'
import { ExchangeError } from '../../../src/net/endpoint.ts'
import { isLasting, proxyUnusable } from '../../../src/net/errors.ts'
import { Again } from '../../../src/net/retry.ts'
import { explainExchange as explainDownload } from '../../../src/smctl/errors.ts'

const TIMEOUT_MS = 30_000
const ORIGIN = 'https://one.example'

/** `X509VerificationErrorCode` of Node: OpenSSL's `X509_V_ERR_…`, and `UNSPECIFIED` for those without a name there. */
const UNTRUSTED = [
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'CERT_SIGNATURE_FAILURE',
  'CRL_SIGNATURE_FAILURE',
  'CRL_NOT_YET_VALID',
  'CRL_HAS_EXPIRED',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CRL_LAST_UPDATE_FIELD',
  'ERROR_IN_CRL_NEXT_UPDATE_FIELD',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'INVALID_CA',
  'PATH_LENGTH_EXCEEDED',
  'INVALID_PURPOSE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'UNSPECIFIED',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
]

/** When another server, another CA or another person has to act, another attempt changes nothing. */
const LASTING: ErrorCode[] = ['TLS_UNTRUSTED', 'TLS_NAME_MISMATCH', 'TLS_SERVER_EXPIRED']

const KNOWN: [ErrorCode, string[]][] = [
  ['TLS_UNTRUSTED', UNTRUSTED],
  ['TLS_NAME_MISMATCH', ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH']],
  ['TLS_SERVER_EXPIRED', ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']],
  [
    'TLS_FAILED',
    [
      ...['EPROTO', 'ERR_TLS_INVALID_CONTEXT', 'ERR_TLS_DH_PARAM_SIZE', 'ERR_OSSL_EVP_UNSUPPORTED'],
      ...[
        'ERR_SSL_WRONG_VERSION_NUMBER',
        'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
        'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
      ],
      ...['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'],
    ],
  ],
  [
    'TIMEOUT',
    [
      ...['ETIMEDOUT', 'ABORT_ERR', 'ERR_CONNECT_TIMEOUT', 'ERR_ANSWER_IDLE', 'ERR_TLS_HANDSHAKE_TIMEOUT'],
      ...['ERR_SOCKET_CONNECTION_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT'],
      ...['UND_ERR_BODY_TIMEOUT', 'UND_ERR_ABORTED', 'UND_ERR_ABORT'],
    ],
  ],
  ['HOST_NOT_FOUND', ['ENOTFOUND', 'ENODATA', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL']],
  [
    'CONNECTION_FAILED',
    [
      ...['', 'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH'],
      ...['EACCES', 'EMFILE', 'OUT_OF_MEM', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'HPE_INVALID_CONSTANT'],
      ...['ERR_STREAM_PREMATURE_CLOSE', 'SOMETHING_NEW'],
    ],
  ],
]

/** Responses far too large: each caller has its own code for them. */
const TOO_LARGE = ['ERR_ANSWER_TOO_LARGE', 'UND_ERR_RES_EXCEEDED_MAX_SIZE']

/** What every system call can fail with, and undici: all callers report it in the same way. */
const REST = [
  ...[...getSystemErrorMap().values()].map(([code]) => code),
  ...Object.values(undici).flatMap(codeOf),
].filter(code => !TOO_LARGE.includes(code))

function codeOf(Made: unknown): string[] {
  try {
    return [new (Made as new (words: string) => { code: string })('words').code.trim()]
  } catch {
    return [] // two need more than a message, and stand for responses
  }
}

interface Said {
  code: ErrorCode
  isLasting: boolean
  why: string | undefined
  fix: string
}

function native(code: string): Error {
  return Object.assign(new Error('words of Node'), code === '' ? {} : { code })
}

function digicert(cause: Error): Said {
  const error = new ExchangeError(false, cause)
  const reason = explainExchange(error, ORIGIN, TIMEOUT_MS)
  return said(reason, new NoAnswer(reason, error).repeatable)
}

function github(cause: Error): Said {
  // As octokit and fetch wrap it.
  const fetchFailed = new TypeError('fetch failed', { cause })
  const error = Object.assign(new Error('fetch failed', { cause: fetchFailed }), {
    name: 'HttpError',
    status: 500,
  })
  const reason = explainGithub(error, { target: 'o/r', permission: 'p', apiUrl: ORIGIN })
  return said(reason as ActionError, isPassing(error) ? new Again(reason as ActionError) : reason)
}

function smctl(cause: Error): Said {
  const error = new ExchangeError(false, cause)
  const reason = explainDownload(error, new URL(ORIGIN), TIMEOUT_MS)
  return said(reason, isLasting(error) ? reason : new Again(reason))
}

function said({ code, why, fix }: ActionError, thrown: unknown): Said {
  return { code, why, fix, isLasting: !(thrown instanceof Again) }
}

/** With PROXY_REFUSED in place of the code, and a message about the proxy: what is wrong with it is in `why`. */
function throughProxy(cause: Error, caller: (cause: Error) => Said): Said {
  return caller(proxyUnusable(new URL('https://proxy.example:3129'), cause))
}

const WALK = [
  ...KNOWN.flatMap(([expected, codes]) => codes.map(code => [code, expected] as const)),
  ...REST.map(code => [code, undefined] as const),
]

test.each(WALK)('%j means the same for every caller: %s', (code, expected) => {
  const [first, ...others] = [digicert, github, smctl].map(caller => caller(native(code)))
  const { code: name, isLasting, why = '' } = first as Said
  if (expected !== undefined) expect(name).toBe(expected)
  expect(isLasting).toBe(LASTING.includes(name))
  for (const other of others) expect(other).toMatchObject({ code: name, isLasting, why })
  for (const caller of [digicert, github, smctl]) {
    expect(throughProxy(native(code), caller)).toMatchObject({
      code: 'PROXY_REFUSED',
      isLasting,
      why: why.replace('The server', 'The https proxy'),
    })
  }
})

test('a response that is far too large is final for every caller, each with its own code', () => {
  for (const code of TOO_LARGE) {
    expect(github(native(code))).toMatchObject({ code: 'GITHUB_ERROR', isLasting: true })
    expect(smctl(native(code))).toMatchObject({ code: 'SMCTL_DOWNLOAD', isLasting: true })
  }
})

test('an attempt that took too long in total is a timeout', () => {
  const cause = new DOMException('words', 'TimeoutError')
  for (const caller of [digicert, github, smctl]) {
    expect(caller(cause)).toMatchObject({ code: 'TIMEOUT', isLasting: false })
  }
})

test.each([
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /intermediate certificate is missing/, /'ca-certificates'/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /CA that this runner does not know/, /'ca-certificates'/],
  ['INVALID_PURPOSE', /not intended for this use/, /operator/],
  ['CERT_REVOKED', /revoked/, /operator/],
  ['CERT_HAS_EXPIRED', /outside its dates/, /clock/],
  ['EACCES', /blocks it/, /again/],
  ['ENETUNREACH', /no route/, /again/],
  ['EMFILE', /file handles/, /again/],
  ['HPE_INVALID_CONSTANT', /does not speak HTTP/, /again/],
])('%s has its own reason, and a fix for it', (code, why, fix) => {
  for (const caller of [digicert, github]) {
    expect(caller(native(code))).toMatchObject({
      why: expect.stringMatching(why),
      fix: expect.stringMatching(fix),
    })
  }
})

test('only the DigiCert ONE client mentions its inputs', () => {
  for (const [code] of WALK) {
    for (const { why, fix } of [github(native(code)), smctl(native(code))]) {
      expect(`${why} ${fix}`).not.toMatch(/'(clientauth-)?host'|on-premises/)
    }
    expect(throughProxy(native(code), digicert).fix).toMatch(/proxy|HTTPS_PROXY/)
  }
})
