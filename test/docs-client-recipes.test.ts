import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { allow, deny } from '../dev-server/index.ts'
import * as core from '../src/core/index.ts'
import {
  DurableStream,
  type DurableStreamOptions,
  type StreamError,
  type StreamResponse,
} from '../src/core/index.ts'
import { eventually } from './support/eventually.ts'
import { createFolder } from './support/folder.ts'
import { gatedFetch } from './support/gated-fetch.ts'
import { recipeWith, runRecipe } from './support/recipe.ts'
import { runBlock } from './support/run-block.ts'
import { startServer } from './support/server.ts'
import { appends } from './support/live-reads.ts'

const contentType = 'application/json'

it('who saves the offset with the sum counts each order once, also after a run that died', async () => {
  const { url } = await startServer()
  const { path, remove } = await createFolder()
  onTestFinished(remove)
  const orders = await DurableStream.create({ url: `${url}/orders`, contentType })
  const replace = { './turnover.json': join(path, 'turnover.json') }
  const addUp = (modules = {}): Promise<number> =>
    runRecipe<{ addUp: () => Promise<number> }>('addUp()', url, { replace, modules }).addUp()

  await orders.append({ total: 12 })
  expect(await addUp()).toBe(12)
  await orders.append({ total: 5 })
  const rename = async (): Promise<never> => Promise.reject(new Error('power cut'))
  await expect(addUp({ 'node:fs/promises': { ...fs, rename } })).rejects.toThrow('power cut')
  await orders.append({ total: 8 })
  expect(await addUp()).toBe(25)
  expect(await addUp()).toBe(25)
})

/** A server that takes one token; its live reads end soon, so that it asks often. */
async function startGuarded() {
  const guard = { token: 't1' }
  const { url } = await startServer({
    sseLifetimeMs: 50,
    authorize: ({ request }) =>
      request.headers.get('authorization') === `Bearer ${guard.token}` ? allow : deny(401),
  })
  const headers = { authorization: () => `Bearer ${guard.token}` }
  const admin = await DurableStream.create({ url: `${url}/orders`, contentType, headers })
  return { url, guard, admin }
}

it('a token is fetched when there is none, and again only when it is about to expire', async () => {
  const { url, guard } = await startGuarded()
  const lifetimes = [60_000, 29_000, 60_000]
  let fetched = 0
  const fetchToken = async () => {
    guard.token = `t${(fetched += 1)}`
    return { value: guard.token, expiresAt: Date.now() + lifetimes.shift()! }
  }
  const { orders } = runRecipe<{ orders: DurableStream }>('fetchToken()', url, {
    globals: { fetchToken },
  })
  await orders.append({ id: 'o1' })
  await orders.append({ id: 'o2' })
  expect(fetched).toBe(1)
  const later = runRecipe<{ orders: DurableStream }>('fetchToken()', url, {
    globals: { fetchToken },
  })
  await later.orders.append({ id: 'o3' })
  expect(fetched).toBe(2)
  await later.orders.append({ id: 'o4' })
  expect(fetched).toBe(3)
  await later.orders.append({ id: 'o5' })
  expect(fetched).toBe(3)
})

it('a live read whose token is refused goes on with the next one, and ends without one', async () => {
  const { url, guard, admin } = await startGuarded()
  let renewed: string[] = []
  const renewToken = async (): Promise<string> => {
    renewed = [...renewed, guard.token]
    return renewed.length < 3 ? guard.token : 't2'
  }
  const { followOrders } = runRecipe<{ followOrders: () => Promise<StreamResponse> }>(
    'renewToken()',
    url,
    { globals: { renewToken } },
  )
  const response = await followOrders()
  const items: unknown[] = []
  response.subscribeJson((batch) => items.push(...batch.items))
  await admin.append({ id: 'o1' })
  await eventually(() => expect(items).toEqual([{ id: 'o1' }]))
  guard.token = 't2'
  await eventually(() => expect(renewed).toEqual(['t1', 't2']))
  await admin.append({ id: 'o2' })
  await eventually(() => expect(items).toEqual([{ id: 'o1' }, { id: 'o2' }]))
  guard.token = 'kept from us'
  await expect(response.closed).rejects.toMatchObject({ code: 'unauthorized' })
})

it('who starts over after data loss shows what is there now, and nothing of before', async () => {
  const { url, server } = await startServer()
  const { shown, show } = runRecipe<{
    shown: Map<string, unknown>
    show: (signal: AbortSignal) => Promise<void>
  }>('shown.clear()', url)
  const leave = new AbortController()
  const showing = show(leave.signal)
  const orders = new DurableStream({ url: `${url}/orders`, contentType })
  await eventually(() => orders.head())
  await orders.appendAll([{ id: 'o1' }, { id: 'o2' }])
  await eventually(() => expect([...shown.keys()]).toEqual(['o1', 'o2']))

  await server.stop()
  await startServer({ port: Number(new URL(url).port) })
  await eventually(() => orders.head())
  await orders.append({ id: 'o3' })
  await eventually(() => expect([...shown.keys()]).toEqual(['o3']))
  leave.abort(new Error('left'))
  await expect(showing).rejects.toThrow('left')
})

/** The client, for recipes that give no `fetch`. */
function withFetch(fetch: typeof globalThis.fetch): { streamwell: object } {
  class Stream extends DurableStream {
    constructor(options: DurableStreamOptions) {
      super({ ...options, fetch })
    }
  }
  return { streamwell: { ...core, DurableStream: Stream } }
}

it('twenty who see five seats free at the same time get each seat once', async () => {
  const { url } = await startServer()
  const bookings = await DurableStream.create<{ seat: number }>({
    url: `${url}/bookings`,
    contentType,
  })
  const gate = gatedFetch()
  let decided = 0
  const modules = withFetch(async (input, init) => {
    if (appends(input, init)) decided++
    return gate.fetch(input, init)
  })
  const seats = Array.from({ length: 20 }, (_, i) => i % 5)
  const booking = seats.map((seat, i) =>
    runRecipe<{ book: (seat: number, name: string) => Promise<boolean> }>('book(', url, {
      modules,
    }).book(seat, `p${i}`),
  )
  await eventually(() => expect(decided).toBe(20))
  gate.open()
  const won = await Promise.all(booking)
  const stored: number[] = []
  for await (const { seat } of bookings.json({ live: false })) stored.push(seat)
  expect(stored.toSorted()).toEqual([0, 1, 2, 3, 4])
  expect(won.filter(Boolean)).toHaveLength(5)
})

it('a service stores what it took before it ends', async () => {
  const { url } = await startServer()
  const orders = await DurableStream.create({ url: `${url}/orders`, contentType })
  const log = await DurableStream.create({ url: `${url}/audit`, contentType: 'text/plain' })
  const { fetch, arrived, open } = gatedFetch()
  const modules = withFetch(fetch)
  const { audit } = runRecipe<{ audit: (stop: AbortSignal) => Promise<void> }>('audit(', url, {
    modules,
  })
  const stop = new AbortController()
  let hasEnded = false
  const auditing = audit(stop.signal).finally(() => (hasEnded = true))
  await orders.appendAll([{ id: 'o1' }, { id: 'o2' }])
  await arrived
  stop.abort()
  await orders.head()
  expect(hasEnded).toBe(false)
  open()
  await auditing
  expect(await (await log.stream({ live: false })).text()).toBe('o1\no2\n')
})

it('many streams are read with no more requests at once than were allowed', async () => {
  const { url } = await startServer()
  const streams = Array.from({ length: 25 }, (_, i) => `${url}/s${i}`)
  for (const [i, url] of streams.entries()) {
    await DurableStream.create({ url, contentType, body: [i] })
  }
  const { boundedFetch, readAll } = runBlock<{
    boundedFetch: (most: number, fetch: typeof globalThis.fetch) => typeof globalThis.fetch
    readAll: (urls: readonly string[]) => Promise<unknown[][]>
  }>(recipeWith('boundedFetch('))
  expect(await readAll(streams)).toEqual(streams.map((_, i) => [i]))

  let now = 0
  let most = 0
  const bounded = boundedFetch(3, async (input, init) => {
    most = Math.max(most, ++now)
    return fetch(input, init).finally(() => now--)
  })
  const read = (url: string): Promise<unknown> => new DurableStream({ url, fetch: bounded }).read()
  await Promise.all(streams.map(read))
  expect(most).toBe(3)
})

it('a test has a whole server for a fetch, or one that answers as it is told', async () => {
  const told: unknown[] = []
  const console = { log: (value: unknown) => told.push(value) }
  await runBlock<{ test: () => Promise<void> }>(recipeWith('createFetchHandler()'), {
    globals: { console },
  }).test()
  expect(told).toEqual([{ id: 'o1' }])

  const scripted = runBlock<{ test: () => Promise<unknown>; refused: () => Promise<string> }>(
    recipeWith('scripted('),
  )
  expect(await scripted.test()).toEqual([1, 2, 3])
  expect(await scripted.refused()).toBe('forbidden' satisfies StreamError['code'])
})
