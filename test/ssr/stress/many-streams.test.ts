import { expect, it } from 'vitest'
import { createSsrStateCache, loadStreamWithReducer } from 'streamwell/ssr'
import { seededRandom } from '../../support/faulty-fetch.ts'
import { act, startSite, sum } from '../site.ts'

const STREAMS = 1_000
const LOADS = 2_000
const AT_ONCE = 50

interface Told {
  isMade: boolean
  /** Written, and answered. */
  stored: number
  /** Written, perhaps not answered yet. */
  sent: number
}

it('a thousand streams that are written, removed and loaded all the time are never shown as they were before', async () => {
  const { options, serverUrl, create, write, remove } = await startSite()
  const cache = createSsrStateCache({ maxEntries: 100, maxBytes: 40_000 })
  const random = seededRandom(7)
  const told: Told[] = Array.from({ length: STREAMS }, () => ({
    isMade: false,
    stored: 0,
    sent: 0,
  }))
  const busy = new Set<number>()
  let left = LOADS

  /** Some streams are asked for much more often than others. */
  const pick = (): number => Math.floor(random() ** 4 * STREAMS)

  async function change(number: number): Promise<void> {
    if (busy.has(number)) return
    busy.add(number)
    const stream = told[number]!
    if (!stream.isMade || random() < 0.02) {
      await remove(`s/${number}`)
      await create(`s/${number}`)
      told[number] = { isMade: true, stored: 0, sent: 0 }
    } else {
      stream.sent++
      await write(`s/${number}`, act(1))
      stream.stored++
    }
    busy.delete(number)
  }

  async function load(number: number): Promise<void> {
    const stream = told[number]!
    const before = stream.stored
    const { state } = await loadStreamWithReducer({
      ...options,
      cache,
      path: `s/${number}`,
      ...sum,
      timeoutMs: 120_000,
    })
    // While it is made again, both are right.
    if (stream !== told[number] || busy.has(number)) return
    expect(state).toBeGreaterThanOrEqual(before)
    expect(state).toBeLessThanOrEqual(stream.sent)
  }

  async function visit(): Promise<void> {
    while (left-- > 0) {
      const number = pick()
      if (random() < 0.5) await change(number)
      await load(number)
      const { size, bytes } = cache.stats()
      expect(size).toBeLessThanOrEqual(100)
      expect(bytes).toBeLessThanOrEqual(40_000)
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, visit))

  const { hits, misses, evictions } = cache.stats()
  expect(hits).toBeGreaterThan(LOADS / 10)
  expect(misses).toBeGreaterThan(100)
  expect(evictions).toBeGreaterThan(100)
  for (const [number, { stored }] of told.entries()) {
    if (number % 25 > 0) continue
    const loaded = await loadStreamWithReducer({ serverUrl, cache, path: `s/${number}`, ...sum })
    expect(loaded.state).toBe(stored)
  }
}, 240_000)
