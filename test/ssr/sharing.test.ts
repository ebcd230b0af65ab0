import { describe, expect, it } from 'vitest'
import { loadStreamWithReducer, type LoadedStream, type LoadStreamOptions } from 'streamwell/ssr'
import { eventually } from '../support/eventually.ts'
import { act, type Site, startSite, sum } from './site.ts'

interface Gate {
  fetch: typeof fetch
  /** How many requests wait, or have gone through. */
  arrived: () => number
  /** How many were answered. */
  answered: () => number
  /** How many were given up while they waited. */
  aborted: () => number
  open: () => void
}

/** Requests that wait until the gate is open. */
function gated(fetch: typeof globalThis.fetch): Gate {
  let open = (): void => {}
  const isOpen = new Promise<void>((resolve) => (open = resolve))
  let arrived = 0
  let answered = 0
  let aborted = 0
  return {
    arrived: () => arrived,
    answered: () => answered,
    aborted: () => aborted,
    open,
    async fetch(input, init) {
      arrived++
      init?.signal?.addEventListener('abort', () => aborted++)
      // What was asked now is answered later, as it is now.
      const response = await fetch(input, init)
      answered++
      await isOpen
      return response
    },
  }
}

async function startSum(): Promise<{
  site: Site
  gate: Gate
  load: (options?: Partial<LoadStreamOptions<number, number>>) => Promise<LoadedStream<number>>
}> {
  const site = await startSite()
  await site.create('sum')
  await site.write('sum', act(1))
  const gate = gated(site.fetch)
  const base = { ...site.options, fetch: gate.fetch, path: 'sum', ...sum, timeoutMs: 60_000 }
  return { site, gate, load: (options) => loadStreamWithReducer({ ...base, ...options }) }
}

describe('many requests for one page', () => {
  it('that come at once read the stream once', async () => {
    const { site, gate, load } = await startSum()
    gate.open()
    const loads = await Promise.all(Array.from({ length: 100 }, () => load()))
    expect(loads.map(({ state }) => state)).toEqual(Array.from({ length: 100 }, () => 1))
    expect(site.asked).toEqual(['sum@-1'])
    expect(site.cache.stats()).toMatchObject({ size: 1, misses: 1, hits: 0 })
  })

  it('that ask for their tokens first read the stream once', async () => {
    const { site, gate, load } = await startSum()
    gate.open()
    const headers = { authorization: async () => 'same' }
    await Promise.all(Array.from({ length: 100 }, () => load({ headers })))
    expect(site.asked).toEqual(['sum@-1'])
  })

  it('share what was not asked for yet: none is given a state from before he came', async () => {
    const { site, gate, load } = await startSum()
    const first = load()
    await eventually(() => expect(gate.arrived()).toBe(1))
    // The first request has been sent, and does not know of this.
    await site.write('sum', act(10))
    const later = Promise.all(Array.from({ length: 50 }, () => load()))
    gate.open()

    expect((await first).state).toBeLessThanOrEqual(11)
    expect((await later).map(({ state }) => state)).toEqual(Array.from({ length: 50 }, () => 11))
    expect(site.asked).toEqual(['sum@-1', expect.stringMatching(/^sum@\d{16}$/)])
  })

  it('of different users share nothing', async () => {
    const { site, gate, load } = await startSum()
    gate.open()
    await Promise.all(['a', 'b'].map((authorization) => load({ headers: { authorization } })))
    expect(site.asked).toEqual(['sum@-1', 'sum@-1'])
  })

  it('share nothing with useCache: false', async () => {
    const { site, gate, load } = await startSum()
    gate.open()
    await Promise.all([load({ useCache: false }), load({ useCache: false })])
    expect(site.asked).toEqual(['sum@-1', 'sum@-1'])
  })

  it('are each told of what was skipped', async () => {
    const { site, gate, load } = await startSum()
    await site.write('sum', 'junk')
    gate.open()
    const told: string[] = []
    await Promise.all(['a', 'b'].map((name) => load({ onError: () => told.push(name) })))
    expect(told.sort()).toEqual(['a', 'b'])
  })
})

describe('one who leaves', () => {
  it('does not take the others with him', async () => {
    const { gate, load } = await startSum()
    const leaver = new AbortController()
    const left = load({ signal: leaver.signal })
    const stays = load()
    await eventually(() => expect(gate.arrived()).toBe(1))
    leaver.abort(new Error('closed the page'))
    await expect(left).rejects.toThrow('closed the page')
    expect(gate.aborted()).toBe(0)
    gate.open()
    expect(await stays).toMatchObject({ state: 1 })
    expect(gate.arrived()).toBe(1)
  })

  it('ends the request when he is the last', async () => {
    const { gate, load } = await startSum()
    const leavers = [new AbortController(), new AbortController()]
    const loads = leavers.map(({ signal }) => load({ signal }).catch((reason) => reason))
    await eventually(() => expect(gate.arrived()).toBe(1))
    leavers[0]!.abort('one')
    expect(await loads[0]).toBe('one')
    expect(gate.aborted()).toBe(0)
    leavers[1]!.abort('two')
    expect(await loads[1]).toBe('two')
    expect(gate.aborted()).toBe(1)
  })

  it('leaves nothing that the next one would wait for', async () => {
    const { gate, load } = await startSum()
    const leaver = new AbortController()
    const left = load({ signal: leaver.signal }).catch(() => 'left')
    await eventually(() => expect(gate.arrived()).toBe(1))
    leaver.abort()
    const next = load()
    expect(await left).toBe('left')
    await eventually(() => expect(gate.arrived()).toBe(2))
    gate.open()
    expect(await next).toMatchObject({ state: 1 })
  })

  it('before it has begun never asks', async () => {
    const { gate, load } = await startSum()
    await expect(load({ signal: AbortSignal.abort('gone already') })).rejects.toBe('gone already')
    expect(gate.arrived()).toBe(0)
  })

  it('while he waits for the load after another leaves nothing that the next one would join', async () => {
    const { site, gate, load } = await startSum()
    const first = load()
    await eventually(() => expect(gate.answered()).toBe(1))
    const leaver = new AbortController()
    const left = load({ signal: leaver.signal }).catch(() => 'left')
    // His part in the load has begun when the one who came with him has one too.
    await new Promise(setImmediate)
    leaver.abort()
    expect(await left).toBe('left')
    await site.write('sum', act(5))
    const next = load()
    await new Promise(setImmediate)
    gate.open()
    expect(await first).toMatchObject({ state: 1 })
    expect(await next).toMatchObject({ state: 6 })
  })

  it('while others wait for the load after his own leaves them theirs', async () => {
    const { site, gate, load } = await startSum()
    const leaver = new AbortController()
    const left = load({ signal: leaver.signal }).catch(() => 'left')
    await eventually(() => expect(gate.arrived()).toBe(1))
    const waiting = load()
    await site.write('sum', act(5))
    leaver.abort()
    expect(await left).toBe('left')
    gate.open()
    expect(await waiting).toMatchObject({ state: 6 })
  })
})

describe('one who is in a hurry', () => {
  it('has a time of his own', async () => {
    const { gate, load } = await startSum()
    const patient = load()
    await expect(load({ timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' })
    expect(gate.arrived()).toBe(1)
    await expect(load({ timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' })
    expect(gate.aborted()).toBe(0)
    gate.open()
    expect(await patient).toMatchObject({ state: 1 })
    expect(gate.arrived()).toBe(1)
  })
})
