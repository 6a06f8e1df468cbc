import { proxySecrets } from '../net/proxy.ts'
import { exactText } from './fields.ts'
import { maskP12Text, maskText } from './masks.ts'

/**
 * Masks every secret that a step is given: inputs, and the credentials in proxy variables. Every action does this
 * before it reads anything else, so that no error can show one.
 * @param more inputs that contain a secret, besides those that all actions have
 * @returns what to warn about
 */
export function maskSecretInputs(env: NodeJS.ProcessEnv, ...more: string[]): string[] {
  maskP12Text(exactText(env, 'p12'), exactText(env, 'p12-password'))
  const unmasked = ['api-key', 'p12-password', ...more].filter(input => !maskText(exactText(env, input)))
  for (const secret of proxySecrets()) maskText(secret)
  return unmasked.map(
    input =>
      `'${input}' is too short, or too ordinary a word, to be masked in the log. Use a secret of at least 4 characters, preferably 20.`,
  )
}
