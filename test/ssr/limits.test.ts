import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createSsrStateCache, loadStreamWithReducer, setStateReducer } from 'streamwell/ssr'
import { createEntries, type Entry } from '../../src/state/ssr/entries.ts'
import { measureBytes } from '../../src/state/ssr/measure-bytes.ts'
import { beginning } from '../../src/state/ssr/progress.ts'
import { act, set, startSite, sum } from './site.ts'

describe('a cache with limits', () => {
  it('forgets the streams that were not asked for longest', async () => {
    const { create, options } = await startSite()
    const cache = createSsrStateCache({ maxEntries: 2 })
    const load = async (path: string): Promise<unknown> =>
      loadStreamWithReducer({ ...options, cache, path, ...sum })
    for (const path of ['a', 'b', 'c']) await create(path)
    await load('a')
    await load('b')
    await load('a')
    await load('c')
    expect(cache.stats()).toMatchObject({ size: 2, paths: ['a', 'c'], evictions: 1 })
  })

  it('keeps no state that is bigger than all it may keep, and loads it all the same', async () => {
    const { create, write, options, asked } = await startSite()
    const cache = createSsrStateCache({ maxBytes: 10_000 })
    await create('text')
    await create('sum')
    await loadStreamWithReducer({ ...options, cache, path: 'sum', ...sum })
    const load = async (): Promise<number> => {
      const { state } = await loadStreamWithReducer({
        ...options,
        cache,
        path: 'text',
        reducer: setStateReducer,
        initialState: '',
      })
      return state.length
    }
    await write('text', set('x'.repeat(1_000)))
    expect(await load()).toBe(1_000)
    expect(cache.stats().paths).toEqual(['sum', 'text'])
    await write('text', set('x'.repeat(20_000)))
    expect(await load()).toBe(20_000)
    expect(cache.stats()).toMatchObject({ paths: ['sum'], evictions: 0 })
    expect(await load()).toBe(20_000)
    expect(asked.at(-1)).toBe('text@-1')
  })

  it('knows how much a state has grown', async () => {
    const { create, write, options } = await startSite()
    const { cache } = options
    await create('list')
    const reducer = (items: string[], item: string): string[] => [...items, item]
    const load = (): Promise<unknown> =>
      loadStreamWithReducer({ ...options, path: 'list', reducer, initialState: [] })
    for (let size = 100_000; size <= 500_000; size += 100_000) {
      for (let n = 0; n < 10; n++) {
        await write('list', act('x'.repeat(10_000)))
        await load()
      }
      const { bytes } = cache.stats()
      expect(bytes / size).toBeGreaterThan(0.8)
      expect(bytes / size).toBeLessThan(1.3)
    }
  })

  it('is not flooded by a reducer that is made anew with each request', async () => {
    const { create, options } = await startSite()
    const { cache } = options
    await create('good')
    await create('bad')
    await loadStreamWithReducer({ ...options, path: 'good', ...sum })
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    for (let n = 0; n < 30; n++) {
      const reducer = (total: number, amount: number): number => total + amount
      await loadStreamWithReducer({ ...options, path: 'bad', reducer, initialState: 0 })
    }
    expect(cache.stats().paths).toContain('good')
    expect(cache.stats().size).toBeLessThan(10)
    expect(warn.mock.calls).toEqual([[expect.stringContaining('loadStreamWithReducer("bad")')]])
  })

  it('never holds more than it may, whatever comes and goes', () => {
    const step = fc.record({
      name: fc.nat(9),
      kin: fc.nat(2),
      bytes: fc.integer({ min: 1, max: 60 }),
      what: fc.constantFrom('set', 'set', 'set', 'get', 'delete', 'path', 'clear'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const entries = createEntries({ maxBytes: 100, maxEntries: 5 })
        for (const { name, kin, bytes, what } of steps) {
          const key = { text: `${kin} ${name}`, kin: String(kin) }
          if (what === 'set') entries.set(key, entryOf(key.kin, `path ${name}`, bytes))
          else if (what === 'get') entries.get(key)
          else if (what === 'delete') entries.delete(key)
          else if (what === 'path') entries.deletePath(`path ${name}`)
          else entries.clear()
          const list = entries.list()
          expect(entries.bytes).toBe(list.reduce((total, entry) => total + entry.bytes, 0))
          expect(entries.bytes).toBeLessThanOrEqual(100)
          expect(list.length).toBeLessThanOrEqual(5)
          if (what === 'set') expect(entries.get(key)?.bytes).toBe(bytes)
        }
      }),
    )
  })
})

describe('how much memory a state takes', () => {
  it.each([
    ['a number', 1, 8],
    ['a text', 'x'.repeat(1_000), 1_024],
    ['bytes', new Uint8Array(1_000), 1_016],
    ['a list', Array.from({ length: 1_000 }, () => true), 8_016],
    ['rows', Array.from({ length: 1_000 }, (_, id) => ({ id, name: 'Ada' })), 72_000],
    ['a map', new Map(Array.from({ length: 1_000 }, (_, id) => [id, 'Ada'])), 35_000],
    ['a set', new Set(Array.from({ length: 1_000 }, (_, id) => id)), 8_016],
  ])('is known of %s', async (_, value, bytes) => {
    const measured = await measureBytes(value, Infinity)
    expect(measured / bytes).toBeGreaterThan(0.9)
    expect(measured / bytes).toBeLessThan(1.1)
  })

  it('counts what is shared once, also in a circle', async () => {
    const big = { text: 'x'.repeat(1_000) }
    const shared: unknown[] = Array.from({ length: 100 }, () => big)
    shared.push(shared)
    expect(await measureBytes(shared, Infinity)).toBeLessThan(2_100)
  })

  it('is not looked for beyond the limit', async () => {
    const rows = Array.from({ length: 1_000 }, (_, id) => ({ id }))
    expect(await measureBytes(rows, 500)).toBeLessThan(600)
  })
})

function entryOf(kin: string, path: string, bytes: number): Entry {
  return { kin, path, bytes, progress: beginning(0), measured: { bytes, characters: 0 } }
}
