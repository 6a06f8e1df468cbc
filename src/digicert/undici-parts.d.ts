// undici publishes types for its index only; these are the two files of it that src/digicert/undici.ts loads.
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici'
  export default Client
}
declare module 'undici/lib/api/api-request.js' {
  import type { Client, Dispatcher } from 'undici'
  export default function request(
    this: Client,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData>
}
