import { invalid, text } from './fields.ts'

/**
 * The token in `github-token`; an empty one is undefined. `maskSecretInputs` has masked it.
 * @throws ActionError INPUT_INVALID
 */
export function readGithubToken(env: NodeJS.ProcessEnv): string | undefined {
  const token = text(env, 'github-token')
  if (token === '') return undefined
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw invalid(
      'github-token',
      'contains a space, a line break or a character outside ASCII',
      'Store the token alone in the secret, as GitHub shows it.',
    )
  }
  return token
}
