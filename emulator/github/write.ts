import type { Answer } from '../answers.ts'
import { wholeSecond } from '../clock.ts'
import { created, GithubRefusal, noContent, unprocessable } from './answers.ts'
import type { Scope } from './scopes.ts'
import { checkSize, type Secret, secretName, VISIBILITIES, type Visibility } from './secret.ts'
import type { GithubWorld } from './world.ts'

type Access = Pick<Secret, 'visibility' | 'selectedRepositoryIds'>

/** PUT: creates or replaces the whole secret, including an organization's access. */
export function putSecret(world: GithubWorld, scope: Scope, rawName: string, text: string): Answer {
  const name = secretName(rawName)
  const body = readObject(text)
  const value = openBox(scope, body)
  const access = scope.name.startsWith('org:') ? readAccess(world, scope, body) : {}
  return storeSecret(world, scope, name, { value, ...access }) ? created() : noContent()
}

/** @returns whether it is a new one */
export function storeSecret(
  { clock }: GithubWorld,
  scope: Scope,
  name: string,
  secret: Pick<Secret, 'value'> & Access & { updatedAt?: Date },
): boolean {
  const known = scope.secrets.get(name)
  const updatedAt = wholeSecond(secret.updatedAt ?? clock.now())
  scope.secrets.set(name, { ...secret, createdAt: known?.createdAt ?? updatedAt, updatedAt })
  return known === undefined
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    throw new GithubRefusal(400, 'Problems parsing JSON')
  }
  throw new GithubRefusal(400, 'Body should be a JSON object')
}

function openBox({ key }: Scope, body: Record<string, unknown>): string {
  const { encrypted_value: box, key_id: keyId } = body
  if (typeof box !== 'string') throw invalid('"encrypted_value" wasn\'t supplied.')
  if (typeof keyId !== 'string') throw invalid('"key_id" wasn\'t supplied.')
  if (keyId !== key.id) throw invalid('"key_id" is not the id of the current public key.')
  const value = opened(() => key.open(box))
  checkSize(value)
  return value.toString('utf8')
}

function opened(open: () => Buffer): Buffer {
  try {
    return open()
  } catch {
    throw unprocessable('Improperly encrypted secret')
  }
}

function readAccess({ scopes }: GithubWorld, scope: Scope, body: Record<string, unknown>): Access {
  const { visibility, selected_repository_ids: ids = [] } = body
  if (!isVisibility(visibility))
    throw invalid('"visibility" wasn\'t supplied or is not all, private or selected.')
  if (!Array.isArray(ids)) throw invalid('"selected_repository_ids" is not an array.')
  if (visibility !== 'selected') {
    if (ids.length > 0)
      throw invalid('"selected_repository_ids" is only allowed with the visibility "selected".')
    return { visibility }
  }
  const owner = `${scope.name.slice('org:'.length).toLowerCase()}/`
  const strange = ids.find(id => !scopes.repository(id)?.name.toLowerCase().startsWith(owner))
  if (strange !== undefined) throw invalid(`no repository of this organization has the id ${strange}.`)
  return { visibility, selectedRepositoryIds: [...new Set<number>(ids)] }
}

function isVisibility(value: unknown): value is Visibility {
  return VISIBILITIES.some(visibility => visibility === value)
}

const invalid = (message: string): GithubRefusal => unprocessable(`Invalid request.\n\n${message}`)
