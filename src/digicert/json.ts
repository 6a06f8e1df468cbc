import { invalidResponse } from './errors.ts'

/** A list of 30,000 certificates has fewer; each may cost a hundred bytes of memory, and be three of the text. */
const MOST_VALUES = 500_000

/**
 * Reads JSON of a size that is known, and of a number of values that is bounded here.
 * @throws ActionError RESPONSE_INVALID, SyntaxError
 */
export function readJson(text: string): unknown {
  if (valuesIn(text) > MOST_VALUES) throw invalidResponse('more values than any real response has')
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
