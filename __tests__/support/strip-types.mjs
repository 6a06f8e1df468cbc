// Jest's transform: Node's own type stripping, so tests run exactly what `node file.ts` runs, line for line.
import { stripTypeScriptTypes } from 'node:module'

export default {
  process: source => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
}
