/** @jsxImportSource solid-js */
import { createSignal, ErrorBoundary, Show } from 'solid-js'
import { describe, expect, it } from 'vitest'
import { HydrationBoundary, type HydrationData, useServerState } from '../../src/solid/index.ts'
import type { LoadedStream } from '../../src/state/hydration.ts'
import { tapFetch } from '../hooks/tapped-fetch.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { openPage } from './open-page.tsx'

function Count() {
  const [count] = useServerState(0, 'count')
  return <b>{count()}</b>
}

function loaded(state: number): LoadedStream<number> {
  return { path: 'count', kind: 'state', state, offset: '-1', version: 'v', untagged: 0 }
}

/** Keeps every request waiting. */
const never: typeof fetch = () => new Promise(() => {})

describe('a boundary whose data changes', () => {
  it('gives what came to what is put on the page then', async () => {
    const { url: serverUrl } = await startServer()
    const [data, setData] = createSignal<HydrationData>()
    const [isShown, setIsShown] = createSignal(false)
    const { element } = openPage(
      () => (
        <HydrationBoundary data={data()}>
          <Show when={isShown()}>
            <Count />
          </Show>
        </HydrationBoundary>
      ),
      { serverUrl, fetch: never },
    )
    setData(loaded(5))
    setIsShown(true)
    expect(element.textContent).toBe('5')
  })

  it('leaves alone what is being read', async () => {
    const { url: serverUrl } = await startServer()
    const tap = tapFetch()
    const [data, setData] = createSignal<HydrationData>()
    const { element } = openPage(
      () => (
        <HydrationBoundary data={data()}>
          <Count />
        </HydrationBoundary>
      ),
      { serverUrl, fetch: tap.fetch },
    )
    await eventually(() => expect(tap.openReads).toBe(1))
    setData(loaded(5))
    expect(element.textContent).toBe('0')
    expect(tap.asked.filter(({ isLive }) => isLive)).toHaveLength(1)
  })
})

describe('a boundary with data that no loader has made', () => {
  function openWrong(data: () => HydrationData): HTMLElement {
    const page = () => (
      <ErrorBoundary fallback={(error: Error) => <p>{error.message}</p>}>
        <HydrationBoundary data={data()}>
          <Count />
        </HydrationBoundary>
      </ErrorBoundary>
    )
    return openPage(page, { serverUrl: 'http://127.0.0.1:9/v1/stream', fetch: never }).element
  }
  const wrong = { count: 5 } as never
  const message = /HydrationBoundary got \{"count":5\}.*loadStreamWithReducer/

  it('tells the error boundary', () => {
    expect(openWrong(() => wrong).textContent).toMatch(message)
  })

  it('tells the error boundary when it comes later', () => {
    const [data, setData] = createSignal<HydrationData>()
    const element = openWrong(data)
    expect(element.textContent).toBe('0')
    setData(wrong)
    expect(element.textContent).toMatch(message)
  })
})
