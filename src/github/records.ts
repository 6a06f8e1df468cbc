/** What GitHub responds, once it is certain that it means what it seems to mean. */
import { unreadable } from './errors.ts'
import type { Target } from './target.ts'

/** What GitHub says of a secret: never its value. */
export interface SecretState {
  updatedAt: Date
  /** Of an organization secret; empty for any other. */
  visibility: string
}

export interface PublicKey {
  /** 32 bytes in base64. */
  key: string
  keyId: string
}

type JsonObject = Record<string, unknown>

/**
 * The JSON object of a response to a GET.
 * @param data as octokit returns it: a stream, or undefined where there is no body
 * @throws ActionError GITHUB_ERROR
 */
export async function readJson(
  { status, data }: { status: number; data: unknown },
  target: Target,
): Promise<JsonObject> {
  if (status !== 200) throw unreadable(target, `status 200 (it has ${status})`)
  try {
    const text = data instanceof ReadableStream ? await new Response(data).text() : ''
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // What is not JSON is not an object either.
  }
  throw unreadable(target, 'a JSON object')
}

/** @throws ActionError GITHUB_ERROR */
export function readSecretState(data: JsonObject, target: Target): SecretState {
  const { updated_at: updated } = data
  const updatedAt = new Date(typeof updated === 'string' && ISO_TIME.test(updated) ? updated : Number.NaN)
  if (Number.isNaN(updatedAt.getTime())) throw unreadable(target, 'the time of the last change')
  return { updatedAt, visibility: target.kind === 'organization' ? readVisibility(data, target) : '' }
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT[\d:.]{5,20}(Z|[+-]\d\d:?\d\d)$/
const VISIBILITIES = ['all', 'private', 'selected']

function readVisibility({ visibility }: JsonObject, target: Target): string {
  if (typeof visibility === 'string' && VISIBILITIES.includes(visibility)) return visibility
  throw unreadable(target, 'a visibility that is known (all, private or selected)')
}

/** @throws ActionError GITHUB_ERROR */
export function readPublicKey({ key, key_id: keyId }: JsonObject, target: Target): PublicKey {
  if (typeof key !== 'string' || !KEY.test(key)) throw unreadable(target, 'a public key of 32 bytes')
  if (typeof keyId !== 'string' || keyId === '' || keyId.length > LONGEST_KEY_ID)
    throw unreadable(target, 'the id of the public key')
  return { key, keyId }
}

/** 32 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/
const LONGEST_KEY_ID = 200

/** @throws ActionError GITHUB_ERROR */
export function readRepositoryPage(
  { total_count: total, repositories }: JsonObject,
  target: Target,
  name: string,
): { total: number; repositories: number[] } {
  if (!Array.isArray(repositories)) throw unreadable(target, `the repositories that may use ${name}`)
  if (typeof total !== 'number' || !Number.isSafeInteger(total) || total < 0)
    throw unreadable(target, `how many repositories may use ${name}`)
  return { total, repositories: repositories.map(entry => readId(entry, target)) }
}

function readId(entry: unknown, target: Target): number {
  const id = isObject(entry) ? entry.id : undefined
  if (typeof id === 'number' && Number.isSafeInteger(id) && id > 0) return id
  throw unreadable(target, 'the id of each repository')
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
