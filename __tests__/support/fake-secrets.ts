// GitHub's secrets as two maps, for logic above the network.
import type { GithubSecrets } from '../../src/github/secrets.ts'
import { type Target, targetName } from '../../src/github/target.ts'

export interface FakeSecrets {
  /** `FIND target`, `MAY target`, `WRITE secret target`, … in order. */
  calls: string[]
  /** When a target's P12 was last written; a target that is not here has none. */
  updated: Map<string, Date>
  /** By `secret target`. */
  values: Map<string, string>
  /** Each may throw, or take its time. */
  find(target: string): void | Promise<void>
  may(target: string): void | Promise<void>
  write(target: string, secret: string): void | Promise<void>
  as: GithubSecrets
}

type Behaviour = Pick<FakeSecrets, 'find' | 'may' | 'write'>

export function fakeSecrets(
  updated: Record<string, Date> = {},
  behaviour: Partial<Behaviour> = {},
): FakeSecrets {
  const calls: string[] = []
  const fake: Omit<FakeSecrets, 'as'> = {
    calls,
    updated: new Map(Object.entries(updated)),
    values: new Map(),
    find: () => undefined,
    may: () => undefined,
    write: () => undefined,
    ...behaviour,
  }
  const port = {
    find: async (target: Target) => {
      const name = targetName(target)
      calls.push(`FIND ${name}`)
      await fake.find(name)
      const updatedAt = fake.updated.get(name)
      return updatedAt && { updatedAt, visibility: '' }
    },
    proveWritable: async (target: Target) => {
      calls.push(`MAY ${targetName(target)}`)
      await fake.may(targetName(target))
    },
    write: async (target: Target, secret: string, value: string) => {
      calls.push(`WRITE ${secret} ${targetName(target)}`)
      await fake.write(targetName(target), secret)
      fake.values.set(`${secret} ${targetName(target)}`, value)
    },
  }
  return Object.assign(fake, { as: port as unknown as GithubSecrets })
}
