import type { Inspected, Kind } from '../operations/inspect.ts'

/** Certificates of one kind, as table and timeline show them. */
export interface Section {
  title: string
  members: Inspected[]
}

const TITLES: Record<Kind, string> = { client: 'Client certificates', signing: 'Code-signing certificates' }

/** One section for each kind that there is, client certificates first; the order within stays. */
export function sectionsOf(certificates: Inspected[]): Section[] {
  return (['client', 'signing'] as const)
    .map(kind => ({ title: TITLES[kind], members: certificates.filter(one => one.kind === kind) }))
    .filter(({ members }) => members.length > 0)
}
