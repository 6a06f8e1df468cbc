import { proxySecrets } from '../digicert/proxy.ts'
import { exactText } from './fields.ts'
import { maskLines, maskText } from './masks.ts'

/** The inputs that hold a secret, besides `p12`. An action without one of them finds it empty. */
const SECRETS = ['api-key', 'p12-password', 'github-token']

/**
 * Masks every secret that a step is given: inputs, and the credentials in proxy variables. Every action does this
 * before it reads anything else, so that no error can show one.
 * @returns what to warn about
 */
export function maskSecretInputs(): string[] {
  maskLines(exactText('p12'))
  const unmasked = SECRETS.filter(input => !maskText(exactText(input)))
  for (const secret of proxySecrets()) maskText(secret)
  return unmasked.map(
    input =>
      `'${input}' is too short, or too ordinary a word, to be masked in the log. Use a secret of at least 4 characters, better 20.`,
  )
}
