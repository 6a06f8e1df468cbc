import { GithubRefusal } from './answers.ts'

/** What a path names. */
export interface Address {
  /** what a token can see: `owner/repo`, `org:owner` */
  owner: string
  /** where the secret is stored: the owner, or `owner/repo:environment` */
  scope: string
  /** of the secret, or `public-key` */
  name: string
  /** `/repositories` of an organization secret */
  repositories: boolean
  /** as in x-accepted-github-permissions */
  permission: 'secrets' | 'environments' | 'organization_secrets'
}

const PATHS = [
  /^\/repos\/(?<owner>[^/]+)\/(?<repo>[^/]+)\/actions\/secrets\/(?<name>[^/]+)$/,
  /^\/repos\/(?<owner>[^/]+)\/(?<repo>[^/]+)\/environments\/(?<environment>[^/]+)\/secrets\/(?<name>[^/]+)$/,
  /^\/orgs\/(?<owner>[^/]+)\/actions\/secrets\/(?<name>[^/]+?)(?<repositories>\/repositories)?$/,
]

/** @returns undefined for a path that is not about secrets */
export function readAddress(path: string): Address | undefined {
  const found = PATHS.map(pattern => pattern.exec(path)?.groups).find(groups => groups !== undefined)
  if (found === undefined) return undefined
  const { owner = '', repo, environment, name = '', repositories } = found
  const place = { name: decode(name), repositories: repositories !== undefined }
  if (repo === undefined) {
    const scope = `org:${decode(owner)}`
    return { ...place, owner: scope, scope, permission: 'organization_secrets' }
  }
  const repository = `${decode(owner)}/${decode(repo)}`
  if (environment === undefined) {
    return { ...place, owner: repository, scope: repository, permission: 'secrets' }
  }
  const scope = `${repository}:${decode(environment)}`
  return { ...place, owner: repository, scope, permission: 'environments' }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new GithubRefusal(400, 'Bad Request')
  }
}
