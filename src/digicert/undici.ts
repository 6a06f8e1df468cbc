import type { Client, Dispatcher } from 'undici'

type Send = (client: Client, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>

export interface Undici {
  Client: typeof Client
  send: Send
}

let loaded: Promise<Undici> | undefined

/**
 * The one client and the one call of undici that this action uses, loaded when first needed (and while a connection
 * is already being made). The package's index would load its fetch, caches, mocks and websockets as well: three
 * times the work.
 */
export function loadUndici(): Promise<Undici> {
  loaded ??= Promise.all([
    import(/* webpackMode: "eager" */ 'undici/lib/dispatcher/client.js'),
    import(/* webpackMode: "eager" */ 'undici/lib/api/api-request.js'),
  ]).then(([client, request]) => ({
    Client: client.default,
    send: (target, options) => request.default.call(target, options),
  }))
  return loaded
}
