import { expect, it, onTestFinished } from 'vitest'
import { memoryStorage } from '../../../dev-server/index.ts'
import { loadStreamWithReducer } from 'streamwell/ssr'
import { startCuttableProxy } from '../../support/cuttable-proxy.ts'
import { startServer } from '../../support/server.ts'
import { act, type Site, siteAt, sum } from '../site.ts'

const PAGES = 8

/** About so many megabytes of actions, which the server gives one at a time. */
async function writePages(site: Pick<Site, 'create' | 'write'>, path: string): Promise<number> {
  await site.create(path)
  const note = 'x'.repeat(200_000)
  for (let n = 0; n < 5 * PAGES; n++) await site.write(path, { ...act(n), note })
  return (5 * PAGES * (5 * PAGES - 1)) / 2
}

it('a page is right whose server is killed again and again while it is read', async () => {
  const storage = memoryStorage()
  const first = await startServer({ storage })
  const port = Number(new URL(first.url).port)
  const proxy = await startCuttableProxy(port)
  onTestFinished(() => proxy.close())
  const total = await writePages(siteAt(first.url, first.server), 'long')
  const { options, asked } = siteAt(first.url.replace(`:${port}`, `:${proxy.port}`), first.server)

  let server = first.server
  let kills = 0
  const killer: typeof fetch = async (input, init) => {
    const response = await options.fetch(input, init)
    if (asked.length % 3 > 0) return response
    // In the middle of a body.
    kills++
    proxy.cutAll()
    await server.stop()
    ;({ server } = await startServer({ storage, port }))
    return response
  }
  const load = { ...options, fetch: killer, path: 'long', ...sum, timeoutMs: 120_000 }
  const loaded = await Promise.all([loadStreamWithReducer(load), loadStreamWithReducer(load)])
  expect(loaded.map(({ state }) => state)).toEqual([total, total])
  expect(kills).toBeGreaterThan(1)
}, 120_000)

it('a page is right that nobody waits for to the end: each request goes on where the last one came to', async () => {
  const { url, server } = await startServer()
  const site = siteAt(url, server)
  const total = await writePages(site, 'long')
  let leaver: AbortController
  const cutting: typeof fetch = async (input, init) => {
    const response = await site.fetch(input, init)
    if (site.asked.length % 3 === 0) leaver.abort('left')
    return response
  }
  const load = { ...site.options, fetch: cutting, path: 'long', ...sum, timeoutMs: 120_000 }
  let leaves = 0
  let loaded: unknown
  for (;;) {
    leaver = new AbortController()
    loaded = await loadStreamWithReducer({ ...load, signal: leaver.signal }).catch((why) => why)
    if (loaded !== 'left') break
    leaves++
  }
  expect(loaded).toMatchObject({ state: total })
  expect(leaves).toBeGreaterThan(1)
  const offsets = site.asked.map((asked) => asked.split('@')[1])
  expect(offsets.filter((offset) => offset === '-1')).toHaveLength(1)
  expect(offsets).toEqual([...offsets].sort((a, b) => Number(a) - Number(b)))
}, 120_000)
