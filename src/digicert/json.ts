/** Readers for JSON that a server sent: nothing in it is trusted, and all text comes out clean. */
import { clean } from '../text.ts'
import { invalidResponse } from './errors.ts'

/** A page of a hundred code-signing certificates has fewer; each value may cost a hundred bytes of memory, and be three of the text. */
const MOST_VALUES = 500_000

/**
 * Reads JSON of a size that is known, and of a number of values that is bounded here.
 * @throws ActionError RESPONSE_INVALID, SyntaxError
 */
export function readJson(text: string): unknown {
  if (valuesIn(text) > MOST_VALUES) throw invalidResponse('more values than any valid response contains')
  return JSON.parse(text)
}

/** Each value but the first comes after one of these; those within texts count too, which real responses survive. */
function valuesIn(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === COMMA || code === BRACKET || code === BRACE) count++
  }
  return count
}

const COMMA = 0x2c
const BRACKET = 0x5b
const BRACE = 0x7b

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

/** What a page of a list says about its place in the list. */
export interface PageEnd {
  /** How many there are on the page. */
  entries: number
  /** How many entries the server counts in all, when it says. */
  total: number | undefined
  offset: number | undefined
}

/** One page of a list. */
export interface Page<T> extends PageEnd {
  records: T[]
}

/**
 * A page as a plain array, or in an `items` envelope with `offset` and `total`.
 * @throws ActionError RESPONSE_INVALID when it is not a list
 */
export function parsePage<T>(value: unknown, parse: (item: unknown) => T, expected: string): Page<T> {
  if (Array.isArray(value)) return pageOf(value.map(parse), {})
  const envelope = asObject(value, expected)
  if (!Array.isArray(envelope.items)) throw invalidResponse(`something that is not ${expected}`)
  return pageOf(envelope.items.map(parse), envelope)
}

function pageOf<T>(records: T[], envelope: JsonObject): Page<T> {
  return {
    records,
    entries: records.length,
    total: count(envelope, 'total'),
    offset: count(envelope, 'offset'),
  }
}
