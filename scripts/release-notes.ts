/** What the repository says about itself. */
export interface Repository {
  /** in every place that names one, without `v` */
  versions: readonly string[]
  /** in the form of Keep a Changelog */
  changelog: string
}

/** https://semver.org, without build metadata, which cannot distinguish tags. */
const TAG = /^v((?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)$/

/**
 * The section of the changelog, without its heading.
 * @throws Error that says what to fix before the tag is pushed again
 */
export function notesFor(tag: string, { versions, changelog }: Repository): string {
  const [, version] = TAG.exec(tag) ?? []
  if (version === undefined) throw new Error(`The tag ${tag} is not a version like v1.2.3.`)
  const others = versions.filter(other => other !== version)
  if (others.length > 0) throw new Error(`The tag says ${version}, the repository says ${others[0]}.`)
  return notesOf(version, changelog)
}

/** Up to the next section, or to the link definitions at the end; those that the section uses are included. */
function notesOf(version: string, changelog: string): string {
  const [links, lines] = partition(changelog.split(/\r?\n/), line => /^\[[^\]]+\]: /.test(line))
  const start = lines.findIndex(line => line.startsWith(`## [${version}]`))
  if (start < 0) throw new Error(`CHANGELOG.md has no section "## [${version}] - date".`)
  if (!/ - \d{4}-\d{2}-\d{2}$/.test(lines[start] ?? '')) {
    throw new Error(`The section ${version} of CHANGELOG.md has no date.`)
  }
  const rest = lines.slice(start + 1)
  const end = rest.findIndex(line => line.startsWith('## '))
  const body = rest
    .slice(0, end < 0 ? rest.length : end)
    .join('\n')
    .trim()
  if (body === '') throw new Error(`The section ${version} of CHANGELOG.md is empty.`)
  const used = links.filter(link => body.includes(link.slice(0, link.indexOf(']') + 1)))
  return `${[body, used.join('\n')].filter(part => part !== '').join('\n\n')}\n`
}

function partition<T>(all: readonly T[], belongs: (one: T) => boolean): [T[], T[]] {
  return [all.filter(belongs), all.filter(one => !belongs(one))]
}
