/** The name and port of an origin, as people write it. */
export function hostOf(origin: string): string {
  return new URL(origin).host
}

/** True for the host name of a URL that is an IP address: those it writes as digits and dots, or in brackets. */
export function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^[\d.]+$/.test(hostname)
}

/** An IPv6 address without the brackets that a URL wraps it in. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}
