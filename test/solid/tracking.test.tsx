/** @jsxImportSource solid-js */
import { createEffect, createSignal, ErrorBoundary, onCleanup, Show } from 'solid-js'
import { describe, expect, it } from 'vitest'
import { type ServerStateMeta, type SetServerState, useServerState } from '../../src/solid/index.ts'
import { tapFetch } from '../hooks/tapped-fetch.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { openPage } from './open-page.tsx'

interface Counter {
  set: SetServerState<number>
  meta: ServerStateMeta<number>
}

describe('effects', () => {
  it('run for what they read, and for nothing else', async () => {
    const { url: serverUrl } = await startServer()
    const runs: Record<string, unknown[]> = { value: [], pending: [], failures: [] }
    let counter!: Counter
    openPage(
      () => {
        const [count, set, meta] = useServerState(0, 'count')
        counter = { set, meta }
        createEffect(() => runs['value']!.push(count()))
        createEffect(() => runs['pending']!.push(meta.pending))
        createEffect(() => runs['failures']!.push(meta.failures))
        return null
      },
      { serverUrl },
    )
    await eventually(() => expect(counter.meta.status.kind).toBe('live'))
    counter.set(1)
    await eventually(() => expect(counter.meta.pending).toBe(0))
    expect(runs).toEqual({ value: [0, 1], pending: [0, 1, 0], failures: [[]] })
  })

  it('see all of meta, when it is spread', async () => {
    const { url: serverUrl } = await startServer()
    const seen: number[] = []
    let counter!: Counter
    openPage(
      () => {
        const [, set, meta] = useServerState(0, 'count')
        counter = { set, meta }
        createEffect(() => seen.push({ ...meta }.pending))
        return null
      },
      { serverUrl },
    )
    counter.set(1)
    expect(seen.at(-1)).toBe(1)
  })

  it('never see two hooks of one key disagree', async () => {
    const { url: serverUrl } = await startServer()
    const pairs: string[] = []
    let set!: SetServerState<number>
    openPage(
      () => {
        const [one, setOne] = useServerState(0, 'count')
        const [other] = useServerState(0, 'count')
        const [double] = useServerState(0, 'count', { select: (count) => count * 2 })
        set = setOne
        createEffect(() => pairs.push(`${one()} ${other()} ${double()}`))
        return null
      },
      { serverUrl },
    )
    set(1)
    set(2)
    expect(pairs).toEqual(['0 0 0', '1 1 2', '2 2 4'])
  })

  it('never see the value of one key under another', async () => {
    const { url: serverUrl } = await startServer()
    const [key, setKey] = createSignal('one')
    const pairs: string[] = []
    let set!: SetServerState<string>
    openPage(
      () => {
        const [value, setValue, meta] = useServerState('-', key)
        set = setValue
        createEffect(() => pairs.push(`${key()}: ${value()}, ${meta.pending}`))
        return null
      },
      { serverUrl },
    )
    set('first')
    setKey('two')
    set('second')
    setKey('one')
    expect(pairs.filter((pair) => !pair.endsWith('0'))).toEqual([
      'one: first, 1',
      'two: second, 1',
      'one: first, 1',
    ])
    expect(pairs).toContain('two: -, 0')
  })
})

describe('what is selected', () => {
  it('follows the signals that the selection reads', async () => {
    const { url: serverUrl } = await startServer()
    const [from, setFrom] = createSignal(0)
    const seen: number[] = []
    openPage(
      () => {
        const options = { select: (list: number[]) => list.slice(from()) }
        const [rest] = useServerState([1, 2, 3], 'list', options)
        createEffect(() => seen.push(rest().length))
        return null
      },
      { serverUrl },
    )
    setFrom(1)
    expect(seen).toEqual([3, 2])
  })

  it('does not change when it is made anew, and equal', async () => {
    const { url: serverUrl } = await startServer()
    const seen: number[][] = []
    let set!: SetServerState<number[]>
    openPage(
      () => {
        const options = { select: (list: number[]) => list.filter((item) => item > 1) }
        const [big, setList] = useServerState([1, 2, 3], 'list', options)
        set = setList
        createEffect(() => seen.push(big()))
        return null
      },
      { serverUrl },
    )
    set((list) => [0, ...list])
    set((list) => [...list, 4])
    expect(seen).toEqual([
      [2, 3],
      [2, 3, 4],
    ])
  })
})

describe('a key that is computed', () => {
  it('opens nothing anew when it comes out the same', async () => {
    const { url: serverUrl } = await startServer()
    const tap = tapFetch()
    const [room, setRoom] = createSignal(1)
    const seen: number[] = []
    openPage(
      () => {
        const [count] = useServerState(0, () => `room-${room() > 0}`)
        createEffect(() => seen.push(count()))
        return null
      },
      { serverUrl, fetch: tap.fetch },
    )
    await eventually(() => expect(tap.openReads).toBe(1))
    setRoom(2)
    expect(seen).toEqual([0])
    expect(tap.asked.filter(({ isLive }) => isLive)).toHaveLength(1)
  })

  it('reaches the error boundary when it becomes one that cannot be used', async () => {
    const { url: serverUrl } = await startServer()
    const [key, setKey] = createSignal('good')
    const { element } = openPage(
      () => (
        <ErrorBoundary fallback={(error: Error) => <p>{error.message}</p>}>
          <Value of={key()} />
        </ErrorBoundary>
      ),
      { serverUrl },
    )
    function Value(props: { of: string }) {
      const [value] = useServerState('shown', () => props.of)
      return <b>{value()}</b>
    }
    expect(element.textContent).toBe('shown')
    setKey('/bad')
    expect(element.textContent).toMatch(/"\/bad" is no path/)
  })
})

describe('a component that goes', () => {
  it('lets go of its connection, and what it gave still writes', async () => {
    const { url: serverUrl } = await startServer()
    const tap = tapFetch()
    const [isShown, setIsShown] = createSignal(true)
    let counter!: Counter
    let gone = false
    openPage(
      () => (
        <Show when={isShown()}>
          <Count />
        </Show>
      ),
      { serverUrl, fetch: tap.fetch },
    )
    function Count() {
      const [count, set, meta] = useServerState(0, 'count')
      counter = { set, meta }
      onCleanup(() => (gone = true))
      return <b>{count()}</b>
    }
    await eventually(() => expect(tap.openReads).toBe(1))
    setIsShown(false)
    expect(gone).toBe(true)
    counter.set(1)
    await eventually(() => expect(tap.asked.some(({ method }) => method === 'POST')).toBe(true))
    await eventually(() => expect(tap.openReads).toBe(0))
    expect(counter.meta.pending).toBe(0)
  })
})
