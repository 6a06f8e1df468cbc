import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Authority } from '../ca.ts'
import type { CertificateOptions, CodeSigningCertificate } from './certificate.ts'
import { type BulkCertificateOptions, createCodeSigningCa, issueCertificate, issueInBulk } from './issuer.ts'
import { createKeypair, generateSigningKey, type Keypair, type KeypairOptions } from './keypair.ts'

/** The one that exists from the start; `certificate` was made with it. */
export type ExampleKeypair = Keypair & { readonly certificate: CodeSigningCertificate }

/** A bulk keypair and its only certificate, which share their key with the others. */
export interface BulkKeypair extends Omit<KeypairOptions, 'keyType'> {
  /** null: no certificate */
  certificate?: BulkCertificateOptions | null
}

/** Every keypair in Software Trust. Nothing is made before it is used, because most tests never do. */
export class Catalogue {
  #example: Promise<ExampleKeypair> | undefined
  #hasExample = true
  readonly #added: Keypair[] = []
  #issuer: Promise<Authority> | undefined
  #bulkKey: Promise<KeyObject> | undefined
  readonly #named = { keypair: 0, certificate: 0 }
  #restoreExample = () => {}

  example(): Promise<ExampleKeypair> {
    this.#example ??= this.#createExample()
    return this.#example
  }

  /** The example first, then the others in the order in which they were added. */
  async keypairs(): Promise<readonly Keypair[]> {
    return this.#hasExample ? [await this.example(), ...this.#added] : this.#added
  }

  async add({ keyType = 'ec-p256', ...options }: KeypairOptions = {}): Promise<Keypair> {
    const privateKey = await generateSigningKey(keyType)
    const keypair = createKeypair(privateKey, { ...options, alias: options.alias ?? this.#name('keypair') })
    this.#added.push(keypair)
    return keypair
  }

  async certify(keypair: Keypair, options: CertificateOptions = {}): Promise<CodeSigningCertificate> {
    const isDefault = keypair.certificates.length === 0
    const certificate = await issueCertificate(await this.#ca(), keypair.publicKey, {
      isDefault,
      ...options,
      alias: options.alias ?? this.#name('certificate'),
    })
    keypair.certificates.push(certificate)
    return certificate
  }

  async addBulk(count: number, describe: (index: number) => BulkKeypair): Promise<Keypair[]> {
    this.#bulkKey ??= generateSigningKey('ec-p256')
    const key = await this.#bulkKey
    const issuer = await this.#ca()
    const { pem } = await issueCertificate(issuer, createPublicKey(key), { alias: 'pattern' })
    const pattern = new X509Certificate(pem).raw
    const bulk = Array.from({ length: count }, (_, index) => {
      const { certificate = {}, ...options } = describe(index)
      const keypair = createKeypair(key, { ...options, alias: options.alias ?? this.#name('keypair') })
      if (certificate === null) return keypair
      const alias = certificate.alias ?? this.#name('certificate')
      keypair.certificates.push(issueInBulk(issuer, pattern, { isDefault: true, ...certificate, alias }))
      return keypair
    })
    for (const keypair of bulk) this.#added.push(keypair)
    return bulk
  }

  /** Removes even the example. */
  clear(): void {
    this.#added.length = 0
    this.#hasExample = false
  }

  /** The example alone, as it was made. Its keys and certificate stay, since making them takes a while. */
  reset(): void {
    this.#added.length = 0
    this.#hasExample = true
    Object.assign(this.#named, { keypair: 0, certificate: 0 })
    this.#restoreExample()
  }

  async #createExample(): Promise<ExampleKeypair> {
    // RSA of 3072 bits, as the rules for code signing require.
    const keypair = createKeypair(await generateSigningKey('rsa-3072'), { alias: 'emulator-keypair' })
    const certificate = await this.certify(keypair, { alias: 'emulator-certificate' })
    const example = Object.assign(keypair, { certificate })
    const asMade = { keypair: { ...keypair }, certificate: { ...certificate } }
    this.#restoreExample = () => {
      Object.assign(example, asMade.keypair, { certificates: [certificate], groups: [] })
      Object.assign(certificate, asMade.certificate)
    }
    return example
  }

  #ca(): Promise<Authority> {
    this.#issuer ??= createCodeSigningCa()
    return this.#issuer
  }

  #name(what: 'keypair' | 'certificate'): string {
    this.#named[what] += 1
    return `${what}-${this.#named[what]}`
  }
}
