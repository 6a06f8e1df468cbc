import { type BulkKeypair, Catalogue } from './catalogue.ts'
import type { CertificateOptions, CodeSigningCertificate } from './certificate.ts'
import type { Keypair, KeypairOptions } from './keypair.ts'
import { defaultSoftwareTrustSettings, type SoftwareTrustSettings } from './settings.ts'

/** Software Trust as a test sees it, on the same hosts as the rest. Live, like everything on an emulator. */
export interface SoftwareTrust {
  settings: SoftwareTrustSettings
  /** all of them: the example (`emulator.keypair()`), then those that were added, in that order */
  keypairs(): Promise<readonly Keypair[]>
  /** a keypair without certificates, and with its own key */
  addKeypair(options?: KeypairOptions): Promise<Keypair>
  /** a certificate for it */
  addCertificate(keypair: Keypair, options?: CertificateOptions): Promise<CodeSigningCertificate>
  /** many keypairs with a certificate each, cheaply: they share one key, and each certificate is made when it is read */
  seed(count: number, describe?: (index: number) => BulkKeypair): Promise<Keypair[]>
  /** removes all of them, including the example */
  clear(): void
}

/** What the rest of the emulator needs of it. */
export interface SoftwareTrustWorld {
  settings: SoftwareTrustSettings
  catalogue: Catalogue
}

export function createSoftwareTrust(settings?: Partial<SoftwareTrustSettings>): SoftwareTrustWorld {
  return { settings: { ...defaultSoftwareTrustSettings, ...settings }, catalogue: new Catalogue() }
}

export function softwareTrustApi({ settings, catalogue }: SoftwareTrustWorld): SoftwareTrust {
  return {
    settings,
    keypairs: () => catalogue.keypairs(),
    addKeypair: options => catalogue.add(options),
    addCertificate: (keypair, options) => catalogue.certify(keypair, options),
    seed: (count, describe = () => ({})) => catalogue.addBulk(count, describe),
    clear: () => catalogue.clear(),
  }
}

export function resetSoftwareTrust(
  { settings, catalogue }: SoftwareTrustWorld,
  options?: Partial<SoftwareTrustSettings>,
): void {
  catalogue.reset()
  Object.assign(settings, defaultSoftwareTrustSettings, options)
}
