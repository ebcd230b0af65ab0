import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import {
  type ComponentType,
  lazy,
  type ReactElement,
  type ReactNode,
  StrictMode,
  Suspense,
} from 'react'
import { flushSync } from 'react-dom'
import { hydrateRoot } from 'react-dom/client'
import { renderToPipeableStream, renderToString } from 'react-dom/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  HydrationBoundary,
  type HydrationData,
  PartyProvider,
  useConnectionStatus,
  useFailures,
  useServerState,
  useServerStateSuspense,
  useStreamStatus,
} from '../../src/react/index.ts'
import { loadStreamWithReducer, setStateReducer } from '../../src/state/ssr/index.ts'
import { createStores } from '../../src/state/store/stores.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { expectSilentConsole } from './silent-console.ts'
import { tapFetch } from './tapped-fetch.ts'

function Counter(): ReactElement {
  const [count, setCount, { status, isLoaded }] = useServerState(0, 'count')
  return (
    <button onClick={() => setCount((count) => count + 1)} title={status.kind}>
      {count} {isLoaded ? 'loaded' : 'initial'}
    </button>
  )
}

function PatientCounter(): ReactElement {
  const [count] = useServerStateSuspense(0, 'count')
  return <output>{count}</output>
}

function Overview(): ReactElement {
  const kinds = [useConnectionStatus().kind, useStreamStatus('count').kind]
  return (
    <p>
      {kinds.join()}, {useFailures().length} failures
    </p>
  )
}

/** Sets the value that is shared, as someone else. */
async function setCount(serverUrl: string, value: number): Promise<void> {
  const fetch: typeof globalThis.fetch = (...request) => globalThis.fetch(...request)
  const store = createStores({ serverUrl, fetch }).state('count', 0)
  const leave = store.subscribe(() => undefined)
  store.dispatch(value)
  await eventually(() => expect(store.pending).toBe(0))
  leave()
}

function load(serverUrl: string): Promise<HydrationData> {
  const stream = { path: 'count', reducer: setStateReducer, initialState: 0 }
  return loadStreamWithReducer({ serverUrl, ...stream, useCache: false })
}

const noFetch: typeof fetch = () => Promise.reject(new Error('no request was expected'))

/** What a server that streams has sent in the end. */
function streamed(page: ReactElement): Promise<string> {
  return new Promise((resolve, reject) => {
    const { pipe } = renderToPipeableStream(page, {
      onAllReady: () => void text(pipe(new PassThrough())).then(resolve, reject),
      onError: reject,
    })
  })
}

/** Takes over `html` as a browser does that has loaded it; tells what React had to mend. */
function hydrate(html: string, page: ReactNode): { container: HTMLElement; mended: unknown[] } {
  const container = document.body.appendChild(document.createElement('div'))
  container.innerHTML = html
  const mended: unknown[] = []
  const options = { onRecoverableError: (error: unknown) => mended.push(error) }
  const root = flushSync(() => hydrateRoot(container, page, options))
  onTestFinished(() => {
    root.unmount()
    container.remove()
  })
  return { container, mended }
}

describe('markup', () => {
  // Server and browser are one process here.
  expectSilentConsole(/Detected multiple renderers/)

  it('shows the initial value without a boundary, and asks nothing', () => {
    const html = renderToString(
      <PartyProvider serverUrl="http://127.0.0.1:9/v1/stream" fetch={noFetch}>
        <Counter />
        <Overview />
      </PartyProvider>,
    )
    expect(html).toContain('>0<!-- --> <!-- -->initial<')
    expect(html).toContain('idle,idle')
  })

  it.each([
    ['a page', (page: ReactNode) => page],
    ['a page in strict mode', (page: ReactNode) => <StrictMode>{page}</StrictMode>],
  ])('is taken over by %s as it is, and then brought up to date', async (_, wrap) => {
    const { url: serverUrl } = await startServer()
    await setCount(serverUrl, 5)
    const data = await load(serverUrl)
    const pageWith = (fetch: typeof globalThis.fetch): ReactNode =>
      wrap(
        <PartyProvider serverUrl={serverUrl} fetch={fetch}>
          <HydrationBoundary data={data}>
            <Counter />
            <Counter />
            <Overview />
          </HydrationBoundary>
        </PartyProvider>,
      )
    const html = renderToString(pageWith(noFetch))
    expect(html).toContain('>5<!-- --> <!-- -->loaded<')
    await setCount(serverUrl, 6)

    const tap = tapFetch()
    const { container, mended } = hydrate(html, pageWith(tap.fetch))
    const [button] = container.querySelectorAll('button')
    expect(button?.textContent).toBe('5 loaded')
    await eventually(() => expect(button?.textContent).toBe('6 loaded'))
    await eventually(() => expect(button?.title).toBe('live'))
    expect(container.querySelector('p')?.textContent).toBe('online,live, 0 failures')
    expect(container.querySelector('button')).toBe(button)
    expect(mended).toEqual([])
    expect(tap.asked.filter(({ method }) => method === 'GET')[0]?.offset).toBe(Object(data).offset)
    expect(tap.asked.some(({ offset }) => offset === '-1')).toBe(false)
  })

  it('is taken over as it is also by what the browser loads later, when the state has moved on', async () => {
    const { url: serverUrl } = await startServer()
    await setCount(serverUrl, 5)
    const data = await load(serverUrl)
    const pageWith = (fetch: typeof globalThis.fetch, Late: ComponentType): ReactElement => (
      <PartyProvider serverUrl={serverUrl} fetch={fetch}>
        <HydrationBoundary data={data}>
          <Counter />
          <Suspense fallback="…">
            <Late />
          </Suspense>
        </HydrationBoundary>
      </PartyProvider>
    )
    const html = await streamed(pageWith(noFetch, Counter))

    let arrive = (_code: { default: ComponentType }): void => {}
    const Late = lazy(
      () => new Promise<{ default: ComponentType }>((resolve) => (arrive = resolve)),
    )
    const { container, mended } = hydrate(html, pageWith(tapFetch().fetch, Late))
    const [early, late] = container.querySelectorAll('button')
    await eventually(() => expect(early?.title).toBe('live'))
    await setCount(serverUrl, 6)
    await eventually(() => expect(early?.textContent).toBe('6 loaded'))
    expect(late?.textContent).toBe('5 loaded')
    arrive({ default: Counter })
    await eventually(() => expect(late?.textContent).toBe('6 loaded'))
    expect(container.querySelectorAll('button')[1]).toBe(late)
    expect(mended).toEqual([])
  })

  it('of a component that waits has what was brought along, at once', async () => {
    const { url: serverUrl } = await startServer()
    await setCount(serverUrl, 5)
    const data = await load(serverUrl)
    const page = (fetch: typeof globalThis.fetch): ReactElement => (
      <PartyProvider serverUrl={serverUrl} fetch={fetch}>
        <HydrationBoundary data={data}>
          <Suspense fallback="…">
            <PatientCounter />
          </Suspense>
        </HydrationBoundary>
      </PartyProvider>
    )
    const html = renderToString(page(noFetch))
    expect(html).toContain('<output>5</output>')
    const { container, mended } = hydrate(html, page(tapFetch().fetch))
    const output = container.querySelector('output')
    await setCount(serverUrl, 6)
    await eventually(() => expect(output?.textContent).toBe('6'))
    expect(mended).toEqual([])
  })

  it('of a component that waits is streamed when it has been read, and stays until the browser has read it too', async () => {
    const { url: serverUrl } = await startServer()
    await setCount(serverUrl, 5)
    const page = (fetch: typeof globalThis.fetch): ReactElement => (
      <PartyProvider serverUrl={serverUrl} fetch={fetch}>
        <Suspense fallback="…">
          <PatientCounter />
        </Suspense>
      </PartyProvider>
    )
    const server = tapFetch()
    const html = await streamed(page(server.fetch))
    expect(html).toContain('<output>5</output>')
    await eventually(() => expect(server.openReads).toBe(0))

    const browser = tapFetch()
    const { container, mended } = hydrate(html, page(browser.fetch))
    const output = container.querySelector('output')
    expect(output?.textContent).toBe('5')
    await eventually(() => expect(browser.openReads).toBe(1))
    await setCount(serverUrl, 6)
    await eventually(() => expect(output?.textContent).toBe('6'))
    expect(container.querySelector('output')).toBe(output)
    expect(mended).toEqual([])
  })
})
