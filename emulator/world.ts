import type { Authority } from './ca.ts'
import type { Clock } from './clock.ts'
import type { Front } from './front.ts'
import type { RateLimiter } from './rate-limit.ts'
import type { Settings } from './settings.ts'
import type { SoftwareTrustWorld } from './software-trust/index.ts'
import type { Store } from './store.ts'

/** Everything that a response can depend on. One world is one DigiCert ONE environment; two of them know nothing of each other. */
export interface World {
  store: Store
  clock: Clock
  settings: Settings
  limiter: RateLimiter
  front: Front
  /** signs client certificates. Not the CA of the server certificates, because a client must not confuse the two */
  authority: Authority
  softwareTrust: SoftwareTrustWorld
}
