import { STATUS_CODES } from 'node:http'
import { type Answer, html, notFound, Refusal } from '../answers.ts'
import { judgeClientCertificate } from '../mtls.ts'
import type { ApiRequest } from '../request.ts'
import type { ServiceUser } from '../users.ts'
import type { World } from '../world.ts'
import { isFor, type Keypair } from './keypair.ts'
import type { Absent } from './settings.ts'

/** @throws Refusal when it should be an API error, not a page */
export function absentAnswer({ status, body }: Absent): Answer {
  if (body === 'html') return html(status, webServerPage(`${status} ${STATUS_CODES[status]}`))
  throw status === 404
    ? notFound('The requested resource')
    : new Refusal(403, 'access_denied', 'The account does not have access to Software Trust Manager.')
}

function webServerPage(title: string): string {
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`
}

/** Both factors on the mTLS host, and for signing; for reading on the API host, only the key, unless set otherwise. */
export function requireFactors(world: World, user: ServiceUser, request: ApiRequest): void {
  const { reading, otherUsersCertificate } = world.softwareTrust.settings
  if (request.host === 'api' && request.method === 'GET' && reading === 'key') return
  const judgement = judgeClientCertificate(world, request.clientCertificate)
  const fits = judgement.user === user || otherUsersCertificate === 'accept'
  if (judgement.verdict === 'accepted' && fits) return
  // Word for word what Software Trust says, whatever is wrong with the certificate.
  throw new Refusal(
    403,
    'access_denied',
    'User is not multi-factor authenticated. Missing Client Authentication Certificate. As per compliance rules, user needs to be authenticated using multi-factor for performing sign operation.',
  )
}

export function maySee(world: World, user: ServiceUser, keypair: Keypair): boolean {
  return world.softwareTrust.settings.limitedKeypairs === 'shown' || isFor(keypair, user)
}

/** @throws Refusal */
export function requireToSign(user: ServiceUser, keypair: Keypair): void {
  if (!user.applications.some(({ permissions }) => permissions.includes('SIGN_SM_HASH'))) {
    throw new Refusal(403, 'access_denied', 'User does not have permission SIGN_SM_HASH.')
  }
  if (!isFor(keypair, user)) {
    throw new Refusal(403, 'access_denied', `User does not have access to keypair ${keypair.alias}.`)
  }
  if (keypair.status !== 'ONLINE') {
    throw new Refusal(400, 'invalid_input_field', `Keypair ${keypair.alias} is ${keypair.status}.`)
  }
}
