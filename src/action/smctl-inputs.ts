import { requireUsableProxy } from '../net/proxy.ts'
import { parseMirror } from '../smctl/address.ts'
import { parseDigest } from '../smctl/checksum.ts'
import { flag, invalid, text } from './fields.ts'

export interface SmctlInputs {
  /** SHA-256 in lower-case hex; undefined for the latest version. */
  digest: string | undefined
  /** The folder to download from, with a trailing slash. */
  folder: URL
}

/**
 * The inputs about smctl; undefined when it is not to be installed. The other two are checked anyway.
 * @throws ActionError INPUT_INVALID
 */
export function readSmctl(env: NodeJS.ProcessEnv): SmctlInputs | undefined {
  const install = flag(env, 'install-smctl', false)
  const inputs = { digest: readDigest(env), folder: parseMirror(text(env, 'smctl-mirror')) }
  if (!install) return undefined
  requireUsableProxy(inputs.folder.origin)
  return inputs
}

function readDigest(env: NodeJS.ProcessEnv): string | undefined {
  const given = text(env, 'smctl-sha256')
  if (given === '') return undefined
  const digest = parseDigest(given)
  if (digest !== undefined) return digest
  throw invalid(
    'smctl-sha256',
    'is not a SHA-256',
    'Write its 64 hexadecimal digits, as `sha256sum` prints them and as the log of a run without this input shows.',
  )
}
