import { type BoxKey, createBoxKey } from './sealed-boxes.ts'
import type { Secret } from './secret.ts'

/** Where secrets are stored: a repository, one of its environments, or an organization. Each has its own key. */
export interface Scope {
  /** as it was added: `owner/repo`, `owner/repo:environment`, `org:owner` */
  name: string
  /** of a repository, 0 otherwise */
  id: number
  key: BoxKey
  /** by upper-case name */
  secrets: Map<string, Secret>
}

/** Every existing scope, by its name in any case. */
export class Scopes {
  readonly #byName = new Map<string, Scope>()
  #lastId = 1000

  find(name: string): Scope | undefined {
    return this.#byName.get(name.toLowerCase())
  }

  /** For tests, where a misspelled scope is a mistake. */
  get(name: string): Scope {
    const scope = this.find(name)
    if (scope === undefined) throw new Error(`no such repository, environment or organization: ${name}`)
    return scope
  }

  repository(id: number): Scope | undefined {
    return id === 0 ? undefined : [...this.#byName.values()].find(scope => scope.id === id)
  }

  addRepository(name: string, environments: readonly string[]): number {
    this.#lastId += 1
    const { id } = this.#add(name, this.#lastId)
    for (const environment of environments) this.#add(`${name}:${environment}`, 0)
    return id
  }

  addOrganization(name: string): void {
    this.#add(`org:${name}`, 0)
  }

  clearSecrets(): void {
    for (const { secrets } of this.#byName.values()) secrets.clear()
  }

  /** Adding what exists changes nothing. */
  #add(name: string, id: number): Scope {
    const scope = this.find(name) ?? { name, id, key: createBoxKey(), secrets: new Map() }
    this.#byName.set(name.toLowerCase(), scope)
    return scope
  }
}
