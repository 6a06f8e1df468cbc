import { type Target, targetName } from '../../github/target.ts'
import { counted } from '../../text.ts'
import { planRotation } from './plan.ts'
import {
  type Lookout,
  type ObservedTarget,
  observeTargets,
  type PublishPorts,
  proveWritable,
  publish,
} from './publish.ts'
import type { Place, Publisher, TargetResult } from './types.ts'
import { MOST_LINES } from './words.ts'

/** Publishes to secrets of GitHub's, which say when they were written, and not what they contain. */
export class SecretsPublisher implements Publisher {
  readonly effective = 'at once'
  readonly plan = planRotation
  readonly #lookout: Lookout
  readonly #ports: PublishPorts
  readonly #targets: ReadonlyMap<string, Target>

  constructor(lookout: Lookout, ports: PublishPorts) {
    this.#lookout = lookout
    this.#ports = ports
    this.#targets = new Map(lookout.targets.map(target => [targetName(target), target]))
  }

  observe(): Promise<Place[]> {
    return observeTargets(this.#lookout, this.#ports)
  }

  async proveWritable(places: Place[]): Promise<void> {
    await proveWritable(
      places.map(place => this.#targetOf(place).target),
      this.#ports,
    )
  }

  publish(...[writes, content]: Parameters<Publisher['publish']>): Promise<TargetResult[]> {
    const publication = { ...content, names: this.#lookout.names }
    const targeted = writes.map(write => ({ ...write, target: this.#targetOf(write.target) }))
    const write = () => publish(targeted, publication, this.#ports)
    if (targeted.length <= MOST_LINES) return write()
    return this.#ports.log.group(`Writing ${counted(targeted.length, 'target')}`, write)
  }

  /** Targets are written in an order of their own. */
  report(results: TargetResult[]): TargetResult[] {
    const names = [...this.#targets.keys()]
    return results.toSorted((one, other) => names.indexOf(one.name) - names.indexOf(other.name))
  }

  #targetOf(place: Place): ObservedTarget {
    const target = this.#targets.get(place.name)
    if (target === undefined) throw new Error(`${place.name} is not among the targets`)
    return { ...place, target }
  }
}
