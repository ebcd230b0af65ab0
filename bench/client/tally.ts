import type { Message } from './subject.ts'

/** Counts messages, and refuses one that is missing, repeated, out of order, or wrong in the middle. */
export interface Tally {
  see(message: Message): void
  /** @throws unless exactly so many came. */
  expect(count: number): void
}

export function createTally(): Tally {
  let seen = 0
  return {
    see({ n }) {
      if (Number(n) !== seen) throw new Error(`Message ${n} came in place of ${seen}`)
      seen++
    },
    expect(count) {
      if (seen !== count) throw new Error(`${seen} messages came, not ${count}`)
    },
  }
}

/** Tells by how many bytes the process grew after its first third of `count`. */
export function createGrowth(count: number): { see(more: number): void; bytes(): number } {
  let seen = 0
  let early = 0
  let late = 0
  return {
    see(more) {
      seen += more
      const rss = process.memoryUsage.rss()
      if (seen <= count / 3) early = Math.max(early, rss)
      else late = Math.max(late, rss)
    },
    bytes: () => Math.max(0, late - early),
  }
}
