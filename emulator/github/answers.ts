import { type Answer, json } from '../answers.ts'

/** What a handler throws to refuse; becomes GitHub's error body. */
export class GithubRefusal extends Error {
  readonly status: number
  readonly headers: Record<string, string>

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.name = 'GithubRefusal'
    this.status = status
    this.headers = headers
  }
}

export const notFound = (): GithubRefusal => new GithubRefusal(404, 'Not Found')

export const unprocessable = (message: string): GithubRefusal => new GithubRefusal(422, message)

export function refusalAnswer({ status, message, headers }: GithubRefusal): Answer {
  return errorAnswer(status, message, headers)
}

export function errorAnswer(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return json(
    status,
    { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
    { 'content-type': 'application/json; charset=utf-8', ...headers },
  )
}

export function ok(value: unknown, headers: Record<string, string> = {}): Answer {
  return json(200, value, { 'content-type': 'application/json; charset=utf-8', ...headers })
}

export function created(): Answer {
  return json(201, {}, { 'content-type': 'application/json; charset=utf-8' })
}

export function noContent(): Answer {
  return { status: 204, headers: {}, body: '' }
}
