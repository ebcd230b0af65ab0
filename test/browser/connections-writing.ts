import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import type { Tab } from './connections-page.ts'

/** What others write to all streams of a site, from outside of its pages: 0, 1, 2, … */
export interface Writing {
  /** Appends the next number to each stream. @returns the number. */
  next: () => Promise<number>
  /** Goes on by itself until the returned function is called, which resolves to the last number. */
  keepOn: () => () => Promise<number>
  /** The longest that a number from `first` on was on its way to any of these tabs, in milliseconds. */
  slowest: (tabs: readonly Tab[], first?: number) => Promise<number>
}

/** Time between two numbers of a writing that goes on by itself. */
const PACE_MS = 100

/** Makes the streams. */
export async function startWriting(
  root: string,
  names: readonly string[],
  headers: Record<string, string> = {},
): Promise<Writing> {
  const contentType = 'application/json'
  const streams = await Promise.all(
    names.map((name) =>
      DurableStream.create<number>({ url: `${root}/${name}`, contentType, headers }),
    ),
  )
  const writtenAt: number[] = []

  async function next(): Promise<number> {
    const number = writtenAt.push(Date.now()) - 1
    await Promise.all(streams.map((stream) => stream.append(number)))
    return number
  }

  return {
    next,
    keepOn() {
      let isOver = false
      const writing = (async () => {
        let last = -1
        while (!isOver) {
          last = await next()
          await delay(PACE_MS)
        }
        return last
      })()
      const stop = (): Promise<number> => {
        isOver = true
        return writing
      }
      // What fails because the site has gone has failed by its test.
      onTestFinished(() => void stop().catch(() => undefined))
      return stop
    },
    async slowest(tabs, first = 0) {
      const times = await Promise.all(
        tabs.map(({ page }) =>
          page.evaluate(() =>
            Object.values(window.watched).map(({ items, times }) => ({ items, times })),
          ),
        ),
      )
      const waits = times
        .flat()
        .flatMap(({ items, times }) =>
          items.flatMap((item, n) => (item < first ? [] : [times[n]! - writtenAt[item]!])),
        )
      return Math.round(Math.max(...waits))
    },
  }
}

/** `s0`, `s1`, … */
export function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `s${n}`)
}
