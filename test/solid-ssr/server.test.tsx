/** @jsxImportSource solid-js */
import { ErrorBoundary } from 'solid-js'
import { isServer, renderToString, renderToStringAsync } from 'solid-js/web'
import { describe, expect, it, onTestFinished } from 'vitest'
import { useServerState } from '../../src/solid/index.ts'
import type { LoadedStream } from '../../src/state/hydration.ts'
import { ssrStateCache } from '../../src/state/ssr/index.ts'
import { tapFetch } from '../hooks/tapped-fetch.ts'
import { createStream, post, startServer } from '../support/server.ts'
import { CounterPage, OverviewPage, TodosPage, WaitingPage } from './pages.tsx'

const NOWHERE = 'http://127.0.0.1:9/v1/stream'

function loaded<State>(path: string, kind: LoadedStream['kind'], state: State): LoadedStream {
  return { path, kind, state, offset: '7', version: 'seven', untagged: 0 }
}

/** What is to be read in `html`. */
function textOf(html: string): string {
  return html.replaceAll(/<script.*<\/script>|<[^>]*>/gs, '')
}

describe('a server that renders what it has', () => {
  it('is one', () => expect(isServer).toBe(true))

  it('renders initial values, and asks for nothing', () => {
    const tap = tapFetch()
    const props = { serverUrl: NOWHERE, fetch: tap.fetch }
    expect(textOf(renderToString(() => <CounterPage {...props} />))).toBe('Count: 0, few')
    expect(textOf(renderToString(() => <TodosPage {...props} />))).toBe('')
    expect(textOf(renderToString(() => <OverviewPage {...props} />))).toMatch(/^idle, idle, idle/)
    expect(tap.asked).toEqual([])
  })

  it('renders what has been loaded, of a value, of a selection and of a reducer', () => {
    const tap = tapFetch()
    const milk = [{ id: 'milk', text: 'Milk' }]
    const data = [loaded('counter', 'state', 9), loaded('todos', 'action', milk)]
    const props = { serverUrl: NOWHERE, fetch: tap.fetch, data }
    const counter = renderToString(() => <CounterPage {...props} />)
    expect(textOf(counter)).toBe('Count: 9, many')
    expect(counter).toContain('title="loaded"')
    expect(textOf(renderToString(() => <TodosPage {...props} />))).toBe('Milk')
    expect(textOf(renderToString(() => <WaitingPage {...props} />))).toBe('Count: 9, 1 to do')
    expect(tap.asked).toEqual([])
  })

  it('escapes it', () => {
    const evil = [{ id: 'x', text: '<script>alert(1)</script>' }]
    const data = loaded('todos', 'action', evil)
    const html = renderToString(() => <TodosPage serverUrl={NOWHERE} data={data} />)
    expect(html).toContain('&lt;script>alert(1)')
  })

  it('shows nobody what it renders for another', () => {
    const one = loaded('counter', 'state', 9)
    renderToString(() => <CounterPage serverUrl={NOWHERE} data={one} />)
    const other = renderToString(() => <CounterPage serverUrl={NOWHERE} />)
    expect(textOf(other)).toBe('Count: 0, few')
  })

  it('needs to know where the streams are', () => {
    function Lonely() {
      const [count] = useServerState(0, 'counter')
      return <p>{count()}</p>
    }
    const html = renderToString(() => (
      <ErrorBoundary fallback={(error: Error) => <p>{error.message}</p>}>
        <Lonely />
      </ErrorBoundary>
    ))
    expect(html).toMatch(/useServerState\("counter"\) has no server.*PartyProvider/)
  })
})

describe('a server that waits', () => {
  async function startCounter(): Promise<string> {
    const { url } = await startServer()
    onTestFinished(() => ssrStateCache.clear())
    const counter = await createStream(url, { path: 'counter' })
    const headers = { operation: 'upsert', txid: 'five' }
    await post(counter, JSON.stringify({ type: 'state', key: 'value', value: 5, headers }))
    return url
  }

  it('renders what the stream holds, and of one that is missing the initial state', async () => {
    const serverUrl = await startCounter()
    const html = await renderToStringAsync(() => <WaitingPage serverUrl={serverUrl} />)
    expect(textOf(html)).toBe('Count: 5, 0 to do')
  })

  it('reads for the next page only what is new', async () => {
    const serverUrl = await startCounter()
    const tap = tapFetch()
    const page = () => <WaitingPage {...{ serverUrl, fetch: tap.fetch }} />
    await renderToStringAsync(page)
    await renderToStringAsync(page)
    const offsets = tap.asked.filter(({ key }) => key === 'counter').map(({ offset }) => offset)
    expect(offsets[0]).toBe('-1')
    expect(offsets.at(-1)).toMatch(/[1-9]/)
    expect(tap.asked.filter(({ isLive }) => isLive)).toEqual([])
  })

  it('asks as whoever looks at the page', async () => {
    const serverUrl = await startCounter()
    const asked: (string | null)[] = []
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.push(new Headers(init?.headers).get('authorization'))
      return globalThis.fetch(input, init)
    }
    const headers = { authorization: 'Bearer ada' }
    await renderToStringAsync(() => <WaitingPage {...{ serverUrl, fetch, headers }} />)
    expect(new Set(asked)).toEqual(new Set(['Bearer ada']))
  })

  it('shows the error boundary of the page what it could not load', async () => {
    const { url: serverUrl } = await startServer({
      authorize: () => ({ allowed: false, status: 403, message: 'members only' }),
    })
    const html = await renderToStringAsync(() => (
      <ErrorBoundary fallback={(error: Error) => <p>Sorry: {error.message}</p>}>
        <WaitingPage serverUrl={serverUrl} />
      </ErrorBoundary>
    ))
    expect(textOf(html)).toMatch(/Sorry: .*members only/)
  })
})
