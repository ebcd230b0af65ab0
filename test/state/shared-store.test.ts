import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryStorage } from '../../dev-server/index.ts'
import { DurableStream, type StreamError } from '../../src/core/index.ts'
import { createStreamStore } from '../../src/state/store/stream-store.ts'
import type { StreamStore as SharedStore } from '../../src/state/store/stream-store-options.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { appends, readsLive } from '../support/live-reads.ts'

interface Opened {
  store: SharedStore<number, number>
  errors: StreamError[]
  /** Every state that a subscriber was shown, in order. */
  shown: number[]
  leave: () => void
}

const backoff = { firstDelayMs: 5, maxDelayMs: 20, maxAttempts: Infinity }

function openCounter(
  url: string,
  fetch?: typeof globalThis.fetch,
  onError?: (error: StreamError) => void,
): Opened {
  const errors: StreamError[] = []
  const store = createStreamStore<number, number>({
    openStream: () => new DurableStream({ url, contentType: 'application/json', fetch, backoff }),
    kind: 'state',
    reducer: (_, value) => value,
    initialState: 0,
    onError: onError ?? ((error) => errors.push(error)),
    releaseAfterMs: 0,
  })
  const shown = [store.getSnapshot().state]
  const leave = store.subscribe(() => {
    const { state } = store.getSnapshot()
    if (shown.at(-1) !== state) shown.push(state)
  })
  onTestFinished(leave)
  return { store, errors, shown, leave }
}

function isLive({ store }: Opened): Promise<void> {
  return eventually(() => expect(store.getSnapshot().status.kind).toBe('live'))
}

function isAt({ store }: Opened, state: number): Promise<void> {
  return eventually(() => expect(store.getSnapshot()).toMatchObject({ state, pending: 0 }))
}

describe('a shared value', () => {
  it('makes its stream, shows a write at once, and every other page what was written', async () => {
    const { url } = await startServer()
    const one = openCounter(`${url}/counter`)
    const other = openCounter(`${url}/counter`)
    await isLive(one)
    one.store.update((count) => count + 1)
    expect(one.store.getSnapshot()).toMatchObject({ state: 1, pending: 1 })
    await Promise.all([isAt(one, 1), isAt(other, 1)])
    expect(one.shown).toEqual([0, 1])
  })

  it('loses no update of ten pages that count at once', async () => {
    const { url } = await startServer()
    const pages = Array.from({ length: 10 }, () => openCounter(`${url}/counter`))
    for (let n = 0; n < 10; n++) {
      for (const { store } of pages) store.update((count) => count + 1)
    }
    await Promise.all(pages.map((page) => isAt(page, 100)))
  })

  it('joins quick updates into few requests', async () => {
    const { url } = await startServer()
    let posts = 0
    const page = openCounter(`${url}/counter`, (input, init) => {
      if (appends(input, init)) posts++
      return fetch(input, init)
    })
    await isLive(page)
    for (let n = 0; n < 50; n++) page.store.update((count) => count + 1)
    await isAt(page, 50)
    expect(posts).toBeLessThanOrEqual(2)
  })

  it('falls back when the server refuses the write, and says so until that is dismissed', async () => {
    const { url } = await startServer()
    let refuse = true
    const page = openCounter(`${url}/counter`, async (input, init) => {
      if (appends(input, init) && refuse) return new Response('not today', { status: 403 })
      return fetch(input, init)
    })
    await isLive(page)
    page.store.dispatch(7)
    await isAt(page, 0)
    expect(page.shown).toEqual([0, 7, 0])
    const { failures, error } = page.store.getSnapshot()
    expect(failures).toMatchObject([{ action: 7, error: { code: 'forbidden' } }])
    expect(error?.message).toContain('not today')
    expect(page.errors).toEqual([error])

    refuse = false
    failures[0]!.retry()
    await isAt(page, 7)
    expect(page.store.getSnapshot()).toMatchObject({ failures: [], error: undefined })
  })

  it('keeps writes made while the server is away, and has them stored once', async () => {
    const storage = memoryStorage()
    const first = await startServer({ storage })
    const page = openCounter(`${first.url}/counter`)
    await isLive(page)
    await first.server.stop()
    await eventually(() => expect(page.store.getSnapshot().status.kind).toBe('offline'))
    page.store.update((count) => count + 1)
    page.store.update((count) => count + 1)
    expect(page.store.getSnapshot()).toMatchObject({ state: 2, pending: 2 })

    const second = await startServer({ storage, port: Number(new URL(first.url).port) })
    await isAt(page, 2)
    const log = await new DurableStream({ url: `${second.url}/counter` }).stream({ live: false })
    expect(await log.json()).toHaveLength(2)
  })

  it('starts over when the server lost the stream, and writes again what went with it', async () => {
    const first = await startServer()
    const page = openCounter(`${first.url}/counter`)
    await isLive(page)
    page.store.dispatch(5)
    await isAt(page, 5)
    await first.server.stop()
    await eventually(() => expect(page.store.getSnapshot().status.kind).toBe('offline'))
    page.store.update((count) => count + 1)

    await startServer({ port: Number(new URL(first.url).port) })
    await isAt(page, 1)
    expect(page.errors).toEqual([])
  })

  it('starts over when another stream took the place of its own', async () => {
    const { url } = await startServer()
    const page = openCounter(`${url}/counter`)
    await isLive(page)
    page.store.dispatch(5)
    await isAt(page, 5)
    await DurableStream.delete({ url: `${url}/counter` })
    const other = await DurableStream.create({
      url: `${url}/counter`,
      contentType: 'application/json',
    })
    const headers = { operation: 'upsert', from: 'x'.repeat(500) }
    await other.append({ type: 'state', key: 'value', value: 8, headers })
    await isAt(page, 8)
    expect(page.errors).toEqual([])
  })

  it('skips what is no event of its own, tells of it, and goes on', async () => {
    const { url } = await startServer()
    const stream = await DurableStream.create({
      url: `${url}/counter`,
      contentType: 'application/json',
    })
    const event = { type: 'state', key: 'value', value: 3, headers: { operation: 'upsert' } }
    await stream.appendAll([null, { type: 'user', key: '1' }, '"text"', [], event])
    const page = openCounter(`${url}/counter`)
    await isAt(page, 3)
    expect(page.errors.map(({ code }) => code)).toEqual(Array(4).fill('malformed'))
    page.store.update((count) => count + 1)
    await isAt(page, 4)
  })

  it('goes on, and reports it, when a callback of its user throws', async () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    onTestFinished(() => void vi.unstubAllGlobals())
    const { url } = await startServer()
    const stream = await DurableStream.create({
      url: `${url}/counter`,
      contentType: 'application/json',
    })
    const page = openCounter(`${url}/counter`, undefined, () => {
      throw new Error('from onError')
    })
    onTestFinished(
      page.store.subscribe(() => {
        throw new Error('from a subscriber')
      }),
    )
    await isLive(page)
    await stream.append('"no event"')
    page.store.update((count) => count + 1)
    await isAt(page, 1)
    await stream.append('"no event either"')
    page.store.update((count) => count + 1)
    await isAt(page, 2)
    expect(page.shown).toEqual([0, 1, 2])
    expect(new Set(reported.map(String))).toEqual(
      new Set(['Error: from onError', 'Error: from a subscriber']),
    )
  })

  it('ends its connection when the last subscriber leaves, and goes on from there later', async () => {
    const { url } = await startServer()
    let open = 0
    const asked: string[] = []
    const page = openCounter(`${url}/counter`, async (input, init) => {
      asked.push(new URL(String(input)).searchParams.get('offset') ?? '')
      if (readsLive(input)) {
        open++
        init?.signal?.addEventListener('abort', () => open--)
      }
      return fetch(input, init)
    })
    await isLive(page)
    page.store.dispatch(1)
    await isAt(page, 1)
    await eventually(() => expect(open).toBe(1))
    page.leave()
    await eventually(() => expect(open).toBe(0))
    expect(page.store.getSnapshot().status.kind).toBe('idle')

    asked.length = 0
    onTestFinished(page.store.subscribe(() => undefined))
    await isLive(page)
    expect(asked).not.toContain('-1')
  })

  it('sends a write that was made just before its component went away', async () => {
    const { url } = await startServer()
    const page = openCounter(`${url}/counter`)
    page.store.dispatch(9)
    page.leave()
    const other = openCounter(`${url}/counter`)
    await isAt(other, 9)
  })

  it('refuses a value that JSON cannot say, at the call', async () => {
    const { url } = await startServer()
    const { store } = openCounter(`${url}/counter`)
    expect(() => store.dispatch(undefined as never)).toThrow('use null instead')
    expect(() => store.dispatch(1n as never)).toThrow(expect.objectContaining({ code: 'invalid' }))
    expect(store.getSnapshot()).toMatchObject({ state: 0, pending: 0 })
  })

  it('says why it cannot read', async () => {
    const page = openCounter('http://127.0.0.1:9/v1/stream/counter', async () => {
      return new Response('who are you?', { status: 401 })
    })
    await eventually(() => expect(page.store.getSnapshot().status.kind).toBe('error'))
    expect(page.store.getSnapshot().error?.message).toMatch(/answered 401 \(who are you\?\)/)
    expect(page.errors).toHaveLength(1)
  })
})

describe('a shared reducer', () => {
  it('skips an action on which the reducer throws, tells of it, and goes on', async () => {
    const { url } = await startServer()
    const stream = await DurableStream.create({
      url: `${url}/sum`,
      contentType: 'application/json',
    })
    const actionOf = (value: unknown): unknown => ({
      type: 'action',
      key: 'k',
      value,
      headers: { operation: 'insert' },
    })
    await stream.appendAll([actionOf(2), actionOf('two'), actionOf(3)])
    const errors: StreamError[] = []
    const store = createStreamStore<number, number>({
      openStream: () => new DurableStream({ url: `${url}/sum` }),
      kind: 'action',
      reducer: (sum, amount) => {
        if (typeof amount !== 'number') throw new TypeError(`${String(amount)} is no number`)
        return sum + amount
      },
      initialState: 0,
      onError: (error) => errors.push(error),
    })
    onTestFinished(store.subscribe(() => undefined))
    await eventually(() => expect(store.getSnapshot().state).toBe(5))
    expect(errors).toMatchObject([{ code: 'invalid', message: expect.stringContaining('"two"') }])
    expect(() => store.dispatch('three' as never)).toThrow('three is no number')
  })
})
