// The parts of undici that this project uses, loaded without the rest, which is three times as large.

declare module 'undici/lib/core/connect.js' {
  import { buildConnector } from 'undici'
  export default buildConnector
}

declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici'
  export default Agent
}

declare module 'undici/lib/web/fetch/index.js' {
  export { fetch } from 'undici'
}
