const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g

/** The certificates in a PEM text, each as text, unread; for what this action or the operating system wrote. */
export function pemCertificates(text: string): string[] {
  return text.match(BLOCK) ?? []
}
