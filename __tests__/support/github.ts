// An embedded GitHub for a test file, and a client that knows nothing of src/.
import http from 'node:http'
import https from 'node:https'
import { afterAll, afterEach, beforeAll } from '@jest/globals'
import sodium from 'libsodium-wrappers'
import { type Github, type GithubOptions, startGithub } from '../../emulator/github/index.ts'
import type { CallResult } from './emulator-client.ts'

export class GithubScene {
  #github: Github | undefined
  readonly #options: () => GithubOptions

  constructor(options: () => GithubOptions) {
    this.#options = options
  }

  get github(): Github {
    if (this.#github === undefined) throw new Error('GitHub runs inside tests only')
    return this.#github
  }

  async start(): Promise<void> {
    this.#github = await startGithub(this.#options())
  }
}

/**
 * One GitHub for a test file, without secrets before each test; repositories and organizations stay.
 * @param options a function is called when the tests begin: `() => ({ clock: scene.emulator.clock })`
 */
export function useGithub(options: GithubOptions | (() => GithubOptions) = {}): GithubScene {
  const scene = new GithubScene(typeof options === 'function' ? options : () => options)
  beforeAll(() => scene.start())
  afterEach(() => scene.github.reset())
  afterAll(() => scene.github.close())
  return scene
}

export interface GithubCall {
  method?: string
  /** below the API's base path */
  path: string
  /** the whole header; `null`: none; default: the token that may do everything */
  authorization?: string | null
  /** an object is sent as JSON */
  body?: unknown
}

/** The connection goes to 127.0.0.1, one for every call. */
export function callGithub(github: Github, options: GithubCall): Promise<CallResult> {
  const { method = 'GET', path, authorization = `Bearer ${github.token}`, body } = options
  const url = new URL(`${github.apiUrl}${path}`)
  const protocol = url.protocol === 'https:' ? https : http
  const headers = {
    host: url.host,
    'user-agent': 'emulator-test',
    ...(authorization === null ? {} : { authorization }),
  }
  const target = { host: '127.0.0.1', port: url.port, path: `${url.pathname}${url.search}` }
  const tls = { servername: url.hostname, ca: github.caPem }
  return new Promise((resolve, reject) => {
    const request = protocol.request({ method, headers, agent: false, ...target, ...tls }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) })
      })
    })
    request.on('error', reject)
    request.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body))
  })
}

/** What a client has to send for a value, sealed with the scope's public key. */
export async function sealFor(github: Github, folder: string, value: string | Uint8Array) {
  await sodium.ready
  const { json } = await callGithub(github, { path: `${folder}/public-key` })
  const { key, key_id } = json as { key: string; key_id: string }
  const base64 = sodium.base64_variants.ORIGINAL
  const box = sodium.crypto_box_seal(value, sodium.from_base64(key, base64))
  return { encrypted_value: sodium.to_base64(box, base64), key_id }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
