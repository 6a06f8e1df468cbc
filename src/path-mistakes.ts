/** What people write in place of a path. No message repeats it: it may be a secret. */

export interface PathMistake {
  why: string
  fix: string
}

/** The usual mistake behind a path that leads nowhere, if it is one. */
export function recognizePath(input: string, path: string): PathMistake | undefined {
  if (looksLikeContent(path)) return pastedContent(input)
  return MISTAKES.find(({ matches }) => matches.test(path))
}

/** Base64 of a P12 or of PEM, once or twice over, or PEM: not a path, and perhaps a secret. */
export function looksLikeContent(path: string): boolean {
  const text = path.replace(/^[\ufeff"'`]+|["'`]+$/g, '').replace(/^data:[^,]*,/i, '')
  if (text.includes('-----BEGIN')) return true
  return text.length >= 64 && /^(?:MI[A-Za-z0-9]|TUl|LS0tLS1)[A-Za-z0-9+/=_%\s-]*$/.test(text)
}

function pastedContent(input: string): PathMistake {
  const belongs = input === 'p12-file' ? "It belongs in 'p12'" : 'It belongs in a file'
  return {
    why: `The value of '${input}' looks like the content of a file, not like a path.`,
    fix: `${belongs}; '${input}' takes the path of a file.`,
  }
}

const NO_SHELL = 'Inputs are not run through a shell, so the path is used as is'

const MISTAKES: (PathMistake & { matches: RegExp })[] = [
  {
    matches: /\$\{\{/,
    why: 'The path contains a workflow expression that was not evaluated: it is in a secret, or in a file that GitHub does not evaluate.',
    fix: 'Write the expression in the workflow itself.',
  },
  {
    matches: /^["'`]|["'`]$/,
    why: `${NO_SHELL}: the quotes are part of it.`,
    fix: 'Remove the quotes inside the value.',
  },
  {
    matches: /(?:\$\{?(?:env:)?|%)RUNNER_TEMP\b/i,
    why: `${NO_SHELL}: the variable RUNNER_TEMP is not expanded.`,
    fix: `Write \${{ runner.temp }} instead.`,
  },
  {
    matches: /(?:\$\{?(?:env:)?|%)GITHUB_WORKSPACE\b/i,
    why: `${NO_SHELL}: the variable GITHUB_WORKSPACE is not expanded.`,
    fix: `Write \${{ github.workspace }} instead, or use a relative path.`,
  },
  {
    matches: /\$[A-Za-z_{(]|%[A-Za-z_]\w*%/,
    why: `${NO_SHELL}: variables and commands in it are not expanded.`,
    fix: `Write \${{ env.NAME }} for a workflow variable, and \${{ runner.temp }} for the runner's temporary directory.`,
  },
  {
    matches: /^~/,
    why: `${NO_SHELL}: "~" is not expanded to the home directory.`,
    fix: `Write the path in full, or keep the file below \${{ runner.temp }}.`,
  },
]
