/** Readers for JSON that a server sent: nothing in it is taken on trust, all text comes out clean. */
import { clean } from '../text.ts'
import { invalidResponse } from './errors.ts'

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function asObject(value: unknown, expected: string): JsonObject {
  if (!isObject(value)) throw invalidResponse(`something that is not ${expected}`)
  return value
}

export function text(object: JsonObject, key: string): string {
  return clean(object[key])
}

export function identifier(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'number' ? String(value) : clean(value)
}

export function count(object: JsonObject, key: string): number | undefined {
  const value = object[key]
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** One page of a list. */
export interface Page<T> {
  records: T[]
  /** How many entries the server counts in all, when it says. */
  total: number | undefined
  offset: number | undefined
}

/**
 * A page as a plain array, or in an `items` envelope with `offset` and `total`.
 * @throws ActionError RESPONSE_INVALID when it is no list
 */
export function parsePage<T>(value: unknown, parse: (item: unknown) => T, expected: string): Page<T> {
  if (Array.isArray(value)) return { records: value.map(parse), total: undefined, offset: undefined }
  const envelope = asObject(value, expected)
  if (!Array.isArray(envelope.items)) throw invalidResponse(`something that is not ${expected}`)
  return {
    records: envelope.items.map(parse),
    total: count(envelope, 'total'),
    offset: count(envelope, 'offset'),
  }
}
