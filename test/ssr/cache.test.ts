import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { allow, deny } from 'streamwell/server'
import {
  createSsrStateCache,
  loadStreamWithReducer,
  type LoadStreamOptions,
  setStateReducer,
  ssrStateCache,
} from 'streamwell/ssr'
import { act, set, type Site, startSite, sum } from './site.ts'

/** A site with a sum of 3 in a stream, which it has loaded. */
async function visited(): Promise<{
  site: Site
  load: (options?: Partial<LoadStreamOptions<number, number>>) => Promise<number>
}> {
  const site = await startSite()
  await site.create('sum')
  await site.write('sum', act(1), act(2))
  const load = async (options = {}): Promise<number> => {
    site.asked.length = 0
    const loaded = await loadStreamWithReducer({ ...site.options, path: 'sum', ...sum, ...options })
    return loaded.state
  }
  expect(await load()).toBe(3)
  expect(site.asked).toEqual(['sum@-1'])
  return { site, load }
}

const tail = /^sum@\d{16}$/

describe('the next request', () => {
  it('reads only what is new', async () => {
    const { site, load } = await visited()
    expect(await load()).toBe(3)
    expect(site.asked).toEqual([expect.stringMatching(tail)])
    await site.write('sum', act(10), act(20))
    expect(await load()).toBe(33)
    expect(site.asked).toEqual([expect.stringMatching(tail)])
    expect(site.cache.stats()).toMatchObject({ size: 1, paths: ['sum'], hits: 2, misses: 1 })
  })

  it('gives the very state that was kept, when nothing is new', async () => {
    const { create, write, options } = await startSite()
    await create('todos')
    await write('todos', act('milk'))
    const load = { ...options, path: 'todos', reducer: list, initialState: [] as string[] }
    const first = await loadStreamWithReducer(load)
    const second = await loadStreamWithReducer(load)
    expect(second).toEqual(first)
    expect(second.state).toBe(first.state)
    expect(second).not.toBe(first)
  })

  it('keeps nothing, and finds nothing, with useCache: false', async () => {
    const { site, load } = await visited()
    expect(await load({ useCache: false })).toBe(3)
    expect(site.asked).toEqual(['sum@-1'])
    site.cache.clear()
    await load({ useCache: false })
    expect(site.cache.stats().size).toBe(0)
  })
})

describe('a state is never given', () => {
  it('for another reducer', async () => {
    const { site, load } = await visited()
    const product = (total: number, amount: number): number => total * amount
    expect(await load({ reducer: product, initialState: 1 })).toBe(2)
    expect(site.asked).toEqual(['sum@-1'])
  })

  it('for a reducer of the same text that is not the same', async () => {
    const { load } = await visited()
    const times = (factor: number) => (total: number, amount: number) => total + factor * amount
    expect(await load({ reducer: times(2) })).toBe(6)
    expect(await load({ reducer: times(3) })).toBe(9)
  })

  it.each([
    ['another version of the reducer', { reducerVersion: 2 }, 3],
    ['another initial state', { initialState: 100 }, 103],
    ['a schema', { schema: z.number().max(1) }, 1],
    ['a schema that transforms', { schema: z.number().transform((n) => n * 10) }, 30],
    ['other headers', { headers: { authorization: 'Bearer b' } }, 3],
    ['other parameters', { params: { tenant: 'b' } }, 3],
    ['another fetch', { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) }, 3],
  ])('for %s', async (_, other, state) => {
    const { site, load } = await visited()
    await load()
    expect(await load(other)).toBe(state)
    expect(site.cache.stats()).toMatchObject({ size: 2, misses: 2 })
  })

  it('of a value for a reducer, and the other way round', async () => {
    const { create, write, options } = await startSite()
    await create('a')
    await write('a', set(1), act(2))
    const load = { ...options, path: 'a', initialState: 0 }
    expect(await loadStreamWithReducer({ ...load, reducer: setStateReducer })).toMatchObject({
      state: 1,
    })
    expect(await loadStreamWithReducer({ ...load, reducer: sum.reducer })).toMatchObject({
      state: 2,
    })
  })

  it('of another server', async () => {
    const { site, load } = await visited()
    const other = await startSite()
    expect(await load({ serverUrl: other.serverUrl })).toBe(0)
    expect(await load({ serverUrl: site.serverUrl })).toBe(3)
  })

  it('for an initial state that JSON cannot tell from another', async () => {
    const { create, write, options } = await startSite()
    await create('a')
    await write('a', act(1))
    const reducer = (seen: Map<string, number>, n: number): Map<string, number> =>
      new Map(seen).set('n', n)
    const load = async (initial: Map<string, number>): Promise<object> => {
      const { state } = await loadStreamWithReducer({
        ...options,
        path: 'a',
        reducer,
        initialState: initial,
      })
      return Object.fromEntries(state)
    }
    expect(await load(new Map([['a', 1]]))).toEqual({ a: 1, n: 1 })
    expect(await load(new Map([['b', 2]]))).toEqual({ b: 2, n: 1 })
  })
})

describe('who may see it', () => {
  it('is asked before anything is given: a state is for those who sent the same', async () => {
    const { site, load } = await visited()
    let token = 'alice'
    const headers = { Authorization: async () => token }
    await load({ headers })
    expect(site.asked).toEqual(['sum@-1'])
    await load({ headers })
    expect(site.asked).toEqual([expect.stringMatching(tail)])
    token = 'bob'
    await load({ headers })
    expect(site.asked).toEqual(['sum@-1'])
    await load({ headers: { authorization: 'bob' } })
    expect(site.asked).toEqual([expect.stringMatching(tail)])
  })

  it('is sent as it was asked', async () => {
    const { site, load } = await visited()
    const sent: unknown[] = []
    const spy: typeof fetch = (input, init) => {
      const { searchParams } = new URL(String(input))
      sent.push([new Headers(init?.headers).get('x-user'), searchParams.get('tenant')])
      return site.fetch(input, init)
    }
    const user = { 'X-User': () => 'ada', 'x-none': undefined }
    await load({ fetch: spy, headers: user, params: { tenant: () => Promise.resolve('t1') } })
    expect(sent).toEqual([['ada', 't1']])
  })

  it('is not told by what the cache tells of itself', async () => {
    const { site, load } = await visited()
    await load({ headers: { authorization: 'secret-1' }, params: { key: 'secret-2' } })
    expect(site.cache.stats()).toEqual({
      size: 2,
      paths: ['sum'],
      bytes: expect.any(Number),
      hits: 0,
      misses: 2,
      evictions: 0,
    })
  })

  it('is asked again, when asking fails', async () => {
    const { load } = await visited()
    let tries = 0
    const authorization = (): string => {
      if (++tries < 3) throw new Error('no token yet')
      return 'token'
    }
    expect(await load({ headers: { authorization } })).toBe(3)
    expect(tries).toBe(3)
  })

  it('gets nothing of what was kept, once the server refuses him', async () => {
    let isRefused = false
    const { create, write, options, cache } = await startSite({
      authorize: ({ action }) => (isRefused && action === 'read' ? deny(403, 'no more') : allow),
    })
    await create('sum')
    await write('sum', act(1))
    const load = (): Promise<unknown> =>
      loadStreamWithReducer({ ...options, path: 'sum', ...sum, onTimeout: 'stale' })
    await load()
    isRefused = true
    await expect(load()).rejects.toMatchObject({ code: 'forbidden' })
    expect(cache.stats().size).toBe(0)
  })
})

describe('a stream that is not the one that was read', () => {
  it('is read from its beginning when it was made again, and is shorter', async () => {
    const { site, load } = await visited()
    await site.remove('sum')
    await site.create('sum')
    await site.write('sum', act(5))
    expect(await load()).toBe(5)
    expect(await load()).toBe(5)
  })

  it.each([
    ['just as long', [5, 6]],
    ['longer, with its events in the same places', [5, 6, 7]],
  ])('is read from its beginning when it was made again, and is %s', async (_, amounts) => {
    const { site, load } = await visited()
    await site.remove('sum')
    await site.create('sum')
    await site.write('sum', ...amounts.map((amount) => act(amount)))
    const total = amounts.reduce(sum.reducer)
    expect(await load()).toBe(total)
    expect(await load()).toBe(total)
    expect(site.asked).toEqual([expect.stringMatching(tail)])
  })

  it('gives the initial state when it is gone, and nothing old when it is back', async () => {
    const { site, load } = await visited()
    await site.remove('sum')
    expect(await load()).toBe(0)
    expect(site.cache.stats().size).toBe(0)
    await site.create('sum')
    await site.write('sum', act(7))
    expect(await load()).toBe(7)
  })
})

describe('taking things out', () => {
  it('of one stream takes all states of it, whoever they are for', async () => {
    const { site, load } = await visited()
    await load({ headers: { authorization: 'a' } })
    await loadStreamWithReducer({ ...site.options, path: 'other', ...sum })
    expect(site.cache.stats().size).toBe(2)
    expect(site.cache.delete('sum')).toBe(true)
    expect(site.cache.delete('sum')).toBe(false)
    expect(site.cache.stats()).toMatchObject({ size: 0, bytes: 0 })
    await load()
    expect(site.asked).toEqual(['sum@-1'])
  })

  it('leaves other streams where they are', async () => {
    const { site, load } = await visited()
    await site.create('other')
    await loadStreamWithReducer({ ...site.options, path: 'other', ...sum })
    expect(site.cache.stats().paths).toEqual(['sum', 'other'])
    site.cache.delete('other')
    await load()
    expect(site.asked).toEqual([expect.stringMatching(tail)])
    site.cache.clear()
    expect(site.cache.stats()).toMatchObject({ size: 0, bytes: 0, paths: [] })
  })

  it.each(['clear', 'delete'] as const)(
    'by %s also stops what is being loaded from being kept',
    async (how) => {
      const { site, load } = await visited()
      const slow: typeof fetch = async (input, init) => {
        const response = await site.fetch(input, init)
        site.cache[how]('sum')
        return response
      }
      expect(await load({ fetch: slow })).toBe(3)
      expect(site.cache.stats().size).toBe(0)
    },
  )
})

it('a load that names no cache uses the one of the module', async () => {
  const { create, write, options } = await startSite()
  await create('of-the-module')
  await write('of-the-module', act(1))
  const { cache: _, ...rest } = options
  await loadStreamWithReducer({ ...rest, path: 'of-the-module', ...sum })
  expect(ssrStateCache.stats().paths).toContain('of-the-module')
  expect(ssrStateCache.delete('of-the-module')).toBe(true)
})

it.each([{ maxBytes: 0 }, { maxEntries: -1 }, { maxBytes: NaN }])('%j is no limit', (limits) => {
  expect(() => createSsrStateCache(limits)).toThrow(expect.objectContaining({ code: 'invalid' }))
})

function list(items: string[], item: string): string[] {
  return [...items, item]
}
