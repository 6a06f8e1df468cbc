import type { Clock } from '../clock.ts'
import type { RateLimiter } from './limits.ts'
import type { Runs } from './runs.ts'
import type { Scopes } from './scopes.ts'
import type { Token } from './tokens.ts'

/** What a request finds. */
export interface GithubWorld {
  /** known once the server listens */
  apiUrl: string
  basePath: string
  scopes: Scopes
  runs: Runs
  tokens: Token[]
  limiter: RateLimiter
  clock: Clock
}
