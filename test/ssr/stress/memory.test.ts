import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { createSsrStateCache, loadStreamWithReducer } from 'streamwell/ssr'
import { act, startSite } from '../site.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What is held after everything else was collected, in bytes. */
async function heldBytes(): Promise<number> {
  for (let n = 0; n < 3; n++) {
    collectGarbage()
    await new Promise(setImmediate)
  }
  return process.memoryUsage().heapUsed
}

it('a server that has rendered thousands of pages holds no more than after hundreds', async () => {
  const { create, write, options } = await startSite()
  // Tokens and reducers of their own, as careless loaders have: nothing is ever found again.
  const cache = createSsrStateCache({ maxEntries: 50 })
  const shutdown = new AbortController()
  await create('text')
  await write('text', act('x'.repeat(5_000)))
  let count = 0

  async function load(): Promise<void> {
    const token = String(count++)
    const reducer = (texts: string[], text: string): string[] => [...texts, text + token]
    const loading = loadStreamWithReducer({
      ...options,
      cache,
      path: 'text',
      reducer,
      initialState: [] as string[],
      headers: { authorization: token.repeat(100) },
      // One in ten comes too late.
      timeoutMs: count % 10 === 0 ? 0.1 : 120_000,
      signal: shutdown.signal,
    })
    await loading.catch((error: { code: string }) => expect(error.code).toBe('timeout'))
  }

  async function render(pages: number): Promise<number> {
    for (let n = 0; n < pages; n += 8) await Promise.all(Array.from({ length: 8 }, load))
    return heldBytes()
  }

  // Caches and compiled code take their share of the first ones.
  const before = await render(600)
  const after = await render(1_000)
  // Each page alone would hold 5,000 bytes of text.
  expect(after - before).toBeLessThan(1_500_000)
  expect(cache.stats().size).toBe(50)
  expect(getEventListeners(shutdown.signal, 'abort')).toHaveLength(0)
}, 240_000)
