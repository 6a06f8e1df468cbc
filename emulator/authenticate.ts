import { noAuthentication, Refusal } from './answers.ts'
import { judgeClientCertificate, userWorks } from './mtls.ts'
import type { ApiRequest } from './request.ts'
import type { ServiceUser } from './users.ts'
import type { World } from './world.ts'

/** Who is calling: the API key says it on the API host, the client certificate on the mTLS host. */
export function authenticate(world: World, request: ApiRequest): ServiceUser {
  return request.host === 'clientauth' ? byCertificate(world, request) : byApiKey(world, request)
}

export function byApiKey(world: World, { apiKey }: Pick<ApiRequest, 'apiKey'>): ServiceUser {
  if (apiKey === undefined) throw noAuthentication()
  const user = world.store.userByKey(apiKey)
  if (user === undefined) throw new Refusal(401, 'invalid_api_key', 'The API key is not valid.')
  if (world.settings.rateLimit !== null) world.limiter.check(apiKey, world.settings.rateLimit)
  if (userWorks(world, user)) return user
  throw world.settings.inactiveUserStatus === 401
    ? new Refusal(401, 'invalid_api_key', 'The API key is not active.')
    : new Refusal(403, 'access_denied', 'The user is not active.')
}

/** The certificate alone decides here: an API key with it is neither needed nor checked. */
function byCertificate(world: World, { clientCertificate }: ApiRequest): ServiceUser {
  const { verdict, user } = judgeClientCertificate(world, clientCertificate)
  if (verdict === 'accepted' && user !== undefined) return user
  throw noAuthentication(verdict === 'expired' ? world.settings.expiredCertificateStatus : 403)
}
