import { describe, expect, test } from '@jest/globals'
import { ActionError } from '../../../src/errors.ts'
import { preflight } from '../../../src/operations/preflight/preflight.ts'
import type { SigningRequest } from '../../../src/operations/preflight/types.ts'
import { fakeSigning, type SigningWorld } from '../../support/fake-signing.ts'
import { testCertificate, testKey } from '../../support/p12-certificates.ts'
import { fakePorts } from '../../support/ports.ts'

const DAY = 86_400_000
/** The time according to `fakePorts`. */
const NOW = Date.parse('2026-06-01T12:00:00Z')
const USER = { id: 'user-1', name: 'Builder', status: 'ACTIVE', permissions: [] }

function code(days: number, notBefore = NOW - 100 * DAY): string {
  const certificate = testCertificate({
    key: testKey('p256'),
    subject: [
      ['2.5.4.3', 'Example Software'],
      ['2.5.4.10', 'Example Software, Inc'],
    ],
    notBefore: new Date(notBefore),
    notAfter: new Date(NOW + days * DAY + 1000),
  })
  return certificate.raw.toString('base64')
}

const FRESH = code(199)

function certificate(id: string, changes: Record<string, unknown> = {}) {
  return {
    id,
    alias: `${id}-alias`,
    cert: FRESH,
    certificate_status: 'ACTIVE',
    certificate_type: 'EV',
    chain: [],
    keypair: { id: 'k1', alias: 'release-key', limit_by_users: false },
    ...changes,
  }
}

function keypair(changes: Record<string, unknown> = {}) {
  return {
    id: 'k1',
    alias: 'release-key',
    limit_by_users: false,
    certificates: [certificate('c1', { default_cert: true })],
    ...changes,
  }
}

interface Case {
  world?: Partial<SigningWorld>
  request?: Partial<SigningRequest>
  isNew?: boolean
}

async function run({ world = {}, request = {}, isNew = false }: Case) {
  const all = { keypairs: [keypair()], certificates: [certificate('c1', { default_cert: true })], ...world }
  const { trust, requests } = fakeSigning(all)
  const { clock, log } = fakePorts()
  const wanted = {
    keypairAlias: 'release-key',
    certificateAlias: '',
    thresholds: { warnWithin: 30 * 86_400, failWithin: 0 },
    ...request,
  }
  const outcome = await preflight(wanted, { user: USER, isNew }, { trust, clock, log }).catch(
    (error: unknown) => error,
  )
  const words = outcome instanceof ActionError ? `${outcome.message} ${outcome.why} ${outcome.fix}` : ''
  return { outcome, words, requests, infos: log.of('info'), warnings: log.of('warning') }
}

test('a keypair that comes with its certificates takes one request', async () => {
  const { outcome, requests, infos, warnings } = await run({})
  expect(outcome).toMatchObject({
    keypairId: 'k1',
    keypairAlias: 'release-key',
    certificateAlias: 'c1-alias',
    certificate: { daysRemaining: 199, expiring: false, sha1: expect.stringMatching(/^[0-9A-F]{40}$/) },
  })
  expect(requests).toEqual(['/signingmanager/api/v1/keypairs?alias=release-key'])
  expect(infos).toEqual(['Can sign with "release-key": Example Software, Inc (EV), expires in 199 days.'])
  expect(warnings).toEqual([])
})

test('a certificate alias finds its keypair, in one request', async () => {
  const { outcome, requests } = await run({ request: { keypairAlias: '', certificateAlias: 'c1-alias' } })
  expect(outcome).toMatchObject({
    keypairId: 'k1',
    keypairAlias: 'release-key',
    certificateAlias: 'c1-alias',
  })
  expect(requests).toEqual(['/signingmanager/api/v1/certificates?alias=c1-alias'])
})

test('both aliases that belong together take one request', async () => {
  const { outcome, requests } = await run({ request: { certificateAlias: 'c1-alias' } })
  expect(outcome).toMatchObject({ keypairAlias: 'release-key', certificateAlias: 'c1-alias' })
  expect(requests).toHaveLength(1)
})

describe('fetches a certificate that came only as an id', () => {
  test.each([
    ['with an alias', [{ id: 'c1', alias: 'c1-alias' }]],
    ['and others', [{ id: 'c1' }, { id: 'c2', default_cert: true }]],
    ['and none is marked', [{ id: 'c2' }, { id: 'c1' }]],
  ])('%s', async (_what, certificates) => {
    const { outcome } = await run({
      world: {
        keypairs: [keypair({ certificates })],
        certificates: [certificate('c1'), certificate('c2', { certificate_status: 'REVOKED' })],
      },
    })
    if (certificates.some(({ default_cert }: { default_cert?: boolean }) => default_cert)) {
      expect(outcome).toMatchObject({ code: 'SIGNING_CERT_REVOKED' })
    } else {
      expect(outcome).toMatchObject({ certificateAlias: 'c1-alias' })
    }
  })

  test('when the keypair does not list certificates, searches every page of their list', async () => {
    const others = Array.from({ length: 250 }, (_, index) =>
      certificate(`o${index}`, { keypair: { id: 'other', alias: 'other' } }),
    )
    const { outcome, requests } = await run({
      world: {
        keypairs: [keypair()],
        omitted: ['certificates'],
        certificates: [...others, certificate('c9')],
      },
    })
    expect(outcome).toMatchObject({ certificateAlias: 'c9-alias' })
    expect(requests).toHaveLength(4)
  })
})

describe('KEYPAIR_UNKNOWN', () => {
  test('names what differs only in case, though the filter found it', async () => {
    const { outcome, words } = await run({
      world: {
        keypairs: [keypair({ alias: 'Release-Key' }), keypair({ id: 'k2', alias: 'test' })],
        loose: true,
      },
    })
    expect(outcome).toMatchObject({ code: 'KEYPAIR_UNKNOWN' })
    expect(words).toMatch(
      /"release-key" is visible to this user\. "Release-Key" differs in case only\. Visible keypairs: "Release-Key", "test"\./,
    )
    expect(words).toMatch(/not copied exactly/)
  })

  test('or in white space', async () => {
    const { words } = await run({ world: { keypairs: [keypair({ alias: ' Release-Key' })] } })
    expect(words).toMatch(/differs only in case or white space/)
  })

  test('names at most ten, the nearest first', async () => {
    const keypairs = Array.from({ length: 40 }, (_, index) =>
      keypair({ id: `k${index}`, alias: `nothing-alike-${index}` }),
    )
    keypairs.push(keypair({ id: 'near', alias: 'release-keys' }))
    const { words } = await run({ world: { keypairs, pageSize: 7 } })
    expect(words).toMatch(/Visible keypairs: "release-keys", "nothing/)
    expect(words.match(/nothing-alike/g)).toHaveLength(9)
  })

  test('says so when none is visible', async () => {
    const { outcome, words } = await run({ world: { keypairs: [] } })
    expect(outcome).toMatchObject({ code: 'KEYPAIR_UNKNOWN' })
    expect(words).toMatch(/No keypairs are visible to this user at all\. This user is not assigned to any/)
  })

  test('names none when the service does not list them', async () => {
    const { words } = await run({
      world: {
        keypairs: [],
        answer: path => (path.includes('offset') ? { status: 403, body: '{}' } : undefined),
      },
    })
    expect(words).toMatch(
      /^No keypair with the alias "release-key" is visible to this user\. The alias is misspelled/,
    )
  })

  test('comes before an unknown certificate', async () => {
    const { outcome } = await run({ request: { keypairAlias: 'nope', certificateAlias: 'nope either' } })
    expect(outcome).toMatchObject({ code: 'KEYPAIR_UNKNOWN' })
  })
})

describe('KEYPAIR_NOT_ALLOWED', () => {
  const limited = (changes: Record<string, unknown>) => ({
    world: { keypairs: [keypair({ limit_by_users: true, ...changes })] },
  })

  test('a clear list without this user', async () => {
    const { outcome, words } = await run(limited({ users: [{ id: 'user-2' }, { id: 'user-3' }] }))
    expect(outcome).toMatchObject({ code: 'KEYPAIR_NOT_ALLOWED' })
    expect(words).toMatch(/"Builder" is not among those who may sign with the keypair "release-key"/)
    expect(words).toMatch(/one designated signer/)
  })

  test('a list with this user', async () => {
    const { outcome, warnings } = await run(limited({ users: [{ id: 'user-2' }, { id: 'user-1' }] }))
    expect(outcome).toMatchObject({ keypairAlias: 'release-key' })
    expect(warnings).toEqual([])
  })

  test.each([
    ['no list of users', {}],
    ['an empty one', { users: [] }],
    ['one of unknown form', { users: [{ user: 7 }] }],
    ['a team as well', { users: [{ id: 'user-2' }], teams: [{ id: 't' }] }],
    ['groups as well', { users: [{ id: 'user-2' }], user_group_ids: ['g'] }],
  ])('a doubt is a warning: %s', async (_what, changes) => {
    const { outcome, warnings } = await run(limited(changes))
    expect(outcome).toMatchObject({ keypairAlias: 'release-key' })
    expect(warnings).toEqual([expect.stringMatching(/limited to certain users.*signing fails\.$/)])
  })

  test('no doubt remains when the service itself says that this user may', async () => {
    const { outcome, warnings } = await run(
      limited({ users: [{ id: 'user-2' }], team: { id: 't' }, is_signable_by_me: true }),
    )
    expect(outcome).toMatchObject({ keypairAlias: 'release-key' })
    expect(warnings).toEqual([])
  })

  test('asks the keypair itself for what the list omits', async () => {
    const { outcome, requests } = await run({
      world: { keypairs: [keypair({ limit_by_users: true, users: [{ id: 'x' }] })], omitted: ['users'] },
    })
    expect(outcome).toMatchObject({ code: 'KEYPAIR_NOT_ALLOWED' })
    expect(requests.at(-1)).toBe('/signingmanager/api/v1/keypairs/k1')
  })

  test('a certificate of a limited keypair does not bypass the limit', async () => {
    const { outcome } = await run({
      request: { keypairAlias: '', certificateAlias: 'c1-alias' },
      world: {
        keypairs: [keypair({ limit_by_users: true, users: [{ id: 'x' }] })],
        certificates: [
          certificate('c1', { keypair: { id: 'k1', alias: 'release-key', limit_by_users: true } }),
        ],
      },
    })
    expect(outcome).toMatchObject({ code: 'KEYPAIR_NOT_ALLOWED' })
  })
})

describe('the code-signing certificate', () => {
  const only = (changes: Record<string, unknown>): Case => ({
    world: { keypairs: [keypair({ certificates: [certificate('c1', changes)] })] },
  })

  test('there is none', async () => {
    const { outcome, words } = await run({
      world: { keypairs: [keypair({ certificates: [] })], certificates: [] },
    })
    expect(outcome).toMatchObject({ code: 'KEYPAIR_NO_CERTIFICATE' })
    expect(words).toMatch(/"release-key" has no code-signing certificate/)
  })

  test('no certificate has that alias', async () => {
    const { outcome, words } = await run({ request: { certificateAlias: 'C1-Alias' } })
    expect(outcome).toMatchObject({ code: 'SIGNING_CERT_UNKNOWN' })
    expect(words).toMatch(/"c1-alias" differs in case only/)
  })

  test('it belongs to another keypair', async () => {
    const { outcome, words } = await run({
      request: { certificateAlias: 'c2-alias' },
      world: { certificates: [certificate('c2', { keypair: { id: 'k2', alias: 'nightly' } })] },
    })
    expect(outcome).toMatchObject({ code: 'SIGNING_CERT_UNKNOWN' })
    expect(words).toMatch(
      /"c2-alias" is not one of the keypair "release-key": it belongs to the keypair "nightly"/,
    )
  })

  test('it has expired', async () => {
    const { outcome, words } = await run(only({ cert: code(-8), certificate_status: 'EXPIRED' }))
    expect(outcome).toMatchObject({ code: 'SIGNING_CERT_EXPIRED' })
    expect(words).toMatch(/"c1-alias" expired 7 days ago/)
  })

  test('it expires within fail-within, or within warn-within', async () => {
    const thresholds = { warnWithin: 40 * 86_400, failWithin: 20 * 86_400 }
    const failing = await run({ ...only({ cert: code(19) }), request: { thresholds } })
    expect(failing.outcome).toMatchObject({ code: 'SIGNING_CERT_EXPIRING' })
    expect(failing.words).toMatch(/expires in 19 days.*'signing-fail-within'/)
    const warned = await run({ ...only({ cert: code(39) }), request: { thresholds } })
    expect(warned.outcome).toMatchObject({ certificate: { expiring: true } })
    expect(warned.warnings).toEqual([expect.stringMatching(/"c1-alias" expires in 39 days/)])
  })

  test.each(['REVOKED', 'SUSPENDED', 'PENDING'])('its status is %s', async certificate_status => {
    const { outcome, words } = await run(only({ certificate_status }))
    expect(outcome).toMatchObject({ code: 'SIGNING_CERT_REVOKED' })
    expect(words).toContain(`has the status ${certificate_status}`)
  })

  test.each([undefined, '', 'Active'])('accepts a harmless status: %s', async certificate_status => {
    expect((await run(only({ certificate_status }))).outcome).toMatchObject({ keypairAlias: 'release-key' })
  })

  test('it is valid only from tomorrow', async () => {
    const { outcome, warnings } = await run(only({ cert: code(199, NOW + DAY) }))
    expect(outcome).toMatchObject({ keypairAlias: 'release-key' })
    expect(warnings).toEqual([expect.stringMatching(/valid only from 2026-06-02/)])
  })

  test.each([undefined, 'nonsense', FRESH.slice(0, 400)])('it cannot be read: a warning', async cert => {
    const { outcome, warnings } = await run({
      world: {
        keypairs: [keypair({ certificates: [certificate('c1', { cert })] })],
        certificates: [certificate('c1', { cert })],
      },
    })
    expect(outcome).toMatchObject({ keypairAlias: 'release-key', certificate: undefined })
    expect(warnings).toEqual([expect.stringMatching(/could not be read.*expiry was not checked/)])
  })
})

describe('a service that does not tell', () => {
  const says = (status: number, body: string): Case => ({ world: { answer: () => ({ status, body }) } })
  const MFA = JSON.stringify({
    error: { status: 'access_denied', message: 'User is not multi-factor authenticated' },
  })

  test('quotes the well-known message, with what is known already', async () => {
    const { outcome, words, requests } = await run(says(403, MFA))
    expect(outcome).toMatchObject({ code: 'SIGNING_REFUSED' })
    expect(words).toMatch(/User is not multi-factor authenticated/)
    expect(words).toMatch(
      /accepted as user "Builder" a moment ago, so the API key most likely belongs to another user/,
    )
    expect(requests).toHaveLength(1)
  })

  test('retries while a certificate that this run issued is not known yet', async () => {
    let refusals = 2
    const { outcome } = await run({
      isNew: true,
      world: { answer: () => (refusals-- > 0 ? { status: 403, body: MFA } : undefined) },
    })
    expect(outcome).toMatchObject({ keypairAlias: 'release-key' })
    expect((await run({ ...says(403, MFA), isNew: true })).requests).toHaveLength(6)
  })

  test.each([
    [
      401,
      '{"errors":[{"code":"invalid_api_key","message":"No such key"}]}',
      'SIGNING_REFUSED',
      /No such key.*API key that is refused/,
    ],
    [
      403,
      '{"error":{"status":"access_denied","message":"No license"}}',
      'SIGNING_REFUSED',
      /No license.*has no license/,
    ],
    [400, '{"error":"Bad things","status":400}', 'SIGNING_REFUSED', /Bad things/],
    [
      404,
      '{"errors":[{"code":"resource_not_found"}]}',
      'SIGNING_UNAVAILABLE',
      /no signing service.*does not include Software Trust or KeyLocker/,
    ],
    [302, '', 'SIGNING_UNAVAILABLE', /no signing service/],
    [200, '<!doctype html><title>DigiCert ONE</title>', 'SIGNING_UNAVAILABLE', /web page instead of JSON/],
    [
      503,
      '{"error":"Service Unavailable","status":503}',
      'SERVER_ERROR',
      /Could not verify what later steps sign with:/,
    ],
    [429, '', 'RATE_LIMITED', /Could not verify/],
    [200, '{"message":"hello"}', 'RESPONSE_INVALID', /Could not verify.*not a list/],
    [200, '{"items":[7]}', 'RESPONSE_INVALID', /not a keypair/],
  ])('%i %s: %s', async (status, body, code, words) => {
    const result = await run(says(status, body))
    expect(result.outcome).toMatchObject({ code })
    expect(result.words).toMatch(words)
    expect(result.words).not.toMatch(/'name', 'subject'/)
  })
})

test("cleans the server's text for the log, and compares it as is", async () => {
  const alias = 'release\u001b[31m-key\n::error::x'
  const hostile = keypair({ alias, certificates: [certificate('c1', { alias, certificate_type: 'E\nV' })] })
  const { outcome, words } = await run({ world: { keypairs: [hostile] } })
  expect(outcome).toMatchObject({ code: 'KEYPAIR_UNKNOWN' })
  expect(words).not.toMatch(/[\n\u001b]/)
  const same = await run({
    world: { keypairs: [hostile], certificates: [] },
    request: { keypairAlias: alias },
  })
  expect(same.outcome).toMatchObject({ keypairId: 'k1' })
  expect(same.infos.join('')).not.toMatch(/[\n\u001b]/)
})
