/** Where a secret is kept: a repository, one of its environments, or an organization. */
export type Target =
  | { kind: 'repository'; owner: string; repo: string }
  | { kind: 'environment'; owner: string; repo: string; environment: string }
  | { kind: 'organization'; owner: string }

/** GitHub's own limits on names of accounts and repositories. */
const OWNER = '[A-Za-z0-9][A-Za-z0-9_-]{0,98}'
const ORGANIZATION = new RegExp(`^org:\\s*(${OWNER})$`)
const REPOSITORY = new RegExp(`^(${OWNER})/([A-Za-z0-9._-]{1,100})(?::(.+))?$`)

/** Reads `owner/repo`, `owner/repo:environment` or `org:owner`; undefined for anything else. */
export function parseTarget(text: string): Target | undefined {
  const [, organization] = ORGANIZATION.exec(text) ?? []
  if (organization !== undefined) return { kind: 'organization', owner: organization }
  const [, owner, repo, environment] = REPOSITORY.exec(text) ?? []
  if (owner === undefined || repo === undefined || /^\.+$/.test(repo)) return undefined
  const name = environment?.trim()
  return name ? { kind: 'environment', owner, repo, environment: name } : { kind: 'repository', owner, repo }
}

/** The target as `parseTarget` reads it. */
export function targetName(target: Target): string {
  if (target.kind === 'organization') return `org:${target.owner}`
  const repository = `${target.owner}/${target.repo}`
  return target.kind === 'environment' ? `${repository}:${target.environment}` : repository
}

/** Whether a workflow of `repository` (`owner/repo`) can get its secrets from here. */
export function feeds(target: Target, repository: string): boolean {
  const [owner = ''] = repository.split('/')
  const own = target.kind === 'organization' ? target.owner : `${target.owner}/${target.repo}`
  return own.toLowerCase() === (target.kind === 'organization' ? owner : repository).toLowerCase()
}
