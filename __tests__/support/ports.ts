// Time, randomness and a log under a test's control.
import type { ClientPorts } from '../../src/digicert/client.ts'
import type { Clock, FoldingLog, Random } from '../../src/ports.ts'

export interface FakeClock extends Clock {
  /** What was waited for, in milliseconds. */
  waits: number[]
  advance(ms: number): void
}

/** Waiting takes no time, and advances the clock. */
export function fakeClock(start = '2026-06-01T12:00:00Z'): FakeClock {
  let now = Date.parse(start)
  const waits: number[] = []
  return {
    waits,
    now: () => new Date(now),
    sleep: async ms => {
      waits.push(ms)
      now += ms
    },
    advance: ms => {
      now += ms
    },
  }
}

/** Counts up, so that every nickname is different. */
export function fakeRandom(first = 0): Random {
  let next = first
  return { bytes: count => Buffer.from(Array.from({ length: count }, () => next++ % 256)) }
}

/** Always the same byte. */
export function constantRandom(byte: number): Random {
  return { bytes: count => Buffer.alloc(count, byte) }
}

export interface FakeLog extends FoldingLog {
  lines: [level: string, line: string][]
  of(level: string): string[]
}

export function fakeLog(): FakeLog {
  const lines: [string, string][] = []
  const write = (level: string) => (line: string) => void lines.push([level, line])
  return {
    lines,
    of: wanted => lines.filter(([level]) => level === wanted).map(([, line]) => line),
    debug: write('debug'),
    info: write('info'),
    notice: write('notice'),
    warning: write('warning'),
    group: async (title, body) => {
      lines.push(['group', title])
      return await body().finally(() => lines.push(['group', 'end']))
    },
  }
}

export const loadList: ClientPorts['loadList'] = () => import('../../src/parts/list/index.ts')

export function fakePorts() {
  return { clock: fakeClock(), random: fakeRandom(), log: fakeLog(), loadList }
}
