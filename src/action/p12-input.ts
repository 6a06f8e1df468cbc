import { ActionError } from '../errors.ts'
import { readInputFile } from '../files.ts'
import { looksLikeContent } from '../path-mistakes.ts'
import { readP12Bytes, readP12Text } from '../x509/pkcs12/text.ts'
import { exactText, text } from './fields.ts'
import { maskP12, maskP12File, maskP12Text } from './masks.ts'

/** `p12-password` exactly as the secret contains it. */
export function readPassword(env: NodeJS.ProcessEnv): string {
  return exactText(env, 'p12-password')
}

/**
 * The stored P12, from `p12` or `p12-file`; undefined when neither is set.
 * @throws ActionError INPUT_CONFLICT, FILE_READ, P12_ENCODING
 */
export function readP12(env: NodeJS.ProcessEnv): Buffer | undefined {
  const inline = exactText(env, 'p12')
  const path = text(env, 'p12-file')
  if (inline.trim() !== '' && path !== '') {
    throw new ActionError('INPUT_CONFLICT', {
      what: "Both 'p12' and 'p12-file' are set.",
      fix: 'Remove one of them.',
    })
  }
  if (path === '') return readInlineP12(env)
  if (looksLikeContent(path)) maskP12Text(path, readPassword(env))
  const bytes = readP12Bytes(readInputFile('p12-file', path))
  // Line by line it is masked when it has been opened, if at all: until then it may be any file.
  maskP12File(bytes, readPassword(env))
  return bytes
}

/**
 * The stored P12 from `p12` alone.
 * @throws ActionError P12_ENCODING
 */
export function readInlineP12(env: NodeJS.ProcessEnv): Buffer | undefined {
  const inline = exactText(env, 'p12')
  if (inline.trim() === '') return undefined
  const bytes = readP12Text(inline)
  maskP12(bytes, readPassword(env))
  return bytes
}
