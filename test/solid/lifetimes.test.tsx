/** @jsxImportSource solid-js */
import { createEffect, createSignal, ErrorBoundary, onCleanup, Show } from 'solid-js'
import { describe, expect, it } from 'vitest'
import {
  type ServerStateMeta,
  type SetServerState,
  useServerState,
  useStreamStatus,
} from '../../src/solid/index.ts'
import { tapFetch } from '../hooks/tapped-fetch.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { openPage } from './open-page.tsx'

interface Counter {
  set: SetServerState<number>
  meta: ServerStateMeta<number>
}

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

describe('the status of a key', () => {
  it('is of the key that it is asked for now', async () => {
    const { url: serverUrl } = await startServer()
    const [key, setKey] = createSignal('used')
    const { element } = openPage(
      () => {
        useServerState(0, 'used')
        const status = useStreamStatus(key)
        return <b>{status().kind}</b>
      },
      { serverUrl },
    )
    await eventually(() => expect(element.textContent).toBe('live'))
    setKey('unused')
    expect(element.textContent).toBe('idle')
  })
})
