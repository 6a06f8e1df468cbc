import { invalidRequest, Refusal } from './answers.ts'
import type { ApiRequest } from './request.ts'

/** The body of a request: a JSON object. Throws a Refusal for anything else. */
export function readJson({ contentType, body }: ApiRequest): Record<string, unknown> {
  if (contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw new Refusal(415, 'invalid_request', 'Content-Type must be application/json')
  }
  const value = parseJson(body)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw invalidRequest('The request body must be a JSON object')
  }
  return { ...value }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidRequest('The request body is not valid JSON')
  }
}
