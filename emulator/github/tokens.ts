import { randomBytes } from 'node:crypto'
import { GithubRefusal, notFound } from './answers.ts'

/** `github-token` is what a workflow gets as GITHUB_TOKEN: like a GitHub App's, it is an integration's. */
export type TokenKind = 'pat' | 'app' | 'github-token'

export interface TokenOptions {
  /** what the token may do with secrets, wherever it sees them */
  permissions: 'write' | 'read' | 'none'
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

/** A scope that a token cannot see is not there; one that it sees may still be closed to it. */
export function authorize(token: Token, owner: string, need: 'read' | 'write'): void {
  const { only, permissions, kind = 'pat' } = token
  if (only?.every(scope => scope.toLowerCase() !== owner.toLowerCase())) throw notFound()
  if (permissions === 'write' || permissions === need) return
  const by = kind === 'pat' ? 'personal access token' : 'integration'
  throw new GithubRefusal(403, `Resource not accessible by ${by}`)
}
