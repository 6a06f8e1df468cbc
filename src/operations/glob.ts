import picomatch from 'picomatch'

/**
 * `*`, `?`, `[ab]` and `[!ab]`, and nothing else of what shells know. Nicknames have no folders, so `*` takes a slash
 * for a character like any other.
 */
export function nameMatcher(glob: string): (name: string) => boolean {
  // A glob never matches nothing at all, and a certificate may have no nickname.
  if (/^\**$/.test(glob)) return () => true
  const plain = glob.replaceAll('[!', '[^').replace(/[()|]/g, '\\$&')
  return picomatch(plain, {
    bash: true,
    dot: true,
    nobrace: true,
    noextglob: true,
    nonegate: true,
    windows: false,
  })
}
