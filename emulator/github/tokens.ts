import { randomBytes } from 'node:crypto'
import { GithubRefusal, notFound } from './answers.ts'

/** `github-token` is what a workflow gets as GITHUB_TOKEN: like a GitHub App's, it is an integration's. */
export type TokenKind = 'pat' | 'app' | 'github-token'

export interface TokenOptions {
  /** what the token may do with secrets that it can see */
  permissions: 'write' | 'read' | 'none'
  /** what it may do with workflow runs; default `read` */
  actions?: 'read' | 'none'
  /** what it can see: `owner/repo` with its environments, `org:owner`; default everything */
  only?: readonly string[]
  /** default `pat` */
  kind?: TokenKind
}

export interface Token extends TokenOptions {
  value: string
}

const PREFIXES: Record<TokenKind, string> = { pat: 'github_pat_', app: 'ghs_', 'github-token': 'ghs_' }

export function createToken(options: TokenOptions): Token {
  return { ...options, value: `${PREFIXES[options.kind ?? 'pat']}${randomBytes(24).toString('hex')}` }
}

export function authenticate(tokens: readonly Token[], authorization: string | undefined): Token {
  if (authorization === undefined) throw new GithubRefusal(401, 'Requires authentication')
  const [, value] = /^(?:token|bearer) +(\S+)$/i.exec(authorization) ?? []
  const token = tokens.find(known => known.value === value)
  if (token === undefined) throw new GithubRefusal(401, 'Bad credentials')
  return token
}

/** A token that may not read runs is told so; one that does not see the repository gets a 404. */
export function authorizeRuns(token: Token, repository: string): void {
  const { actions = 'read', kind = 'pat' } = token
  requireSight(token, repository)
  if (actions === 'none') throw refusal(kind)
}

/** A scope that a token cannot see does not exist for it; one that it sees may still refuse it. */
export function authorize(token: Token, owner: string, need: 'read' | 'write'): void {
  const { permissions, kind = 'pat' } = token
  requireSight(token, owner)
  if (permissions === 'write' || permissions === need) return
  throw refusal(kind)
}

function requireSight({ only }: Token, owner: string): void {
  if (only?.every(scope => scope.toLowerCase() !== owner.toLowerCase())) throw notFound()
}

function refusal(kind: TokenKind): GithubRefusal {
  const by = kind === 'pat' ? 'personal access token' : 'integration'
  return new GithubRefusal(403, `Resource not accessible by ${by}`)
}
