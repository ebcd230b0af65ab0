import { useLiveQuery, useLiveSuspenseQuery } from '@tanstack/react-db'
import { act, cleanup, render, screen } from '@testing-library/react'
import { type ReactElement, type ReactNode, StrictMode, Suspense } from 'react'
import { hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { DurableStream } from 'streamwell'
import { HydrationBoundary, PartyProvider } from 'streamwell/react'
import { useStreamDB } from 'streamwell/react/db'
import { type DehydratedStreamDB, loadStreamDB } from 'streamwell/state'
import { type TappedFetch, tapFetch } from '../hooks/tapped-fetch.ts'
import { schema } from '../state/chat.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'

let serverUrl: string
let tap: TappedFetch

beforeEach(async () => {
  serverUrl = (await startServer()).url
  tap = tapFetch()
})
afterEach(cleanup)

const user = (id: string, name: string) => schema.users.upsert({ value: { id, name } })
const open = (key: string): Promise<DurableStream> =>
  DurableStream.create({ url: `${serverUrl}/${key}`, contentType: 'application/json' })
const load = (key: string): Promise<DehydratedStreamDB> =>
  loadStreamDB({ streamOptions: { url: `${serverUrl}/${key}` }, state: schema }, key)
const reads = () => tap.asked.filter(({ method }) => method === 'GET')

function Page({ children }: { children: ReactNode }): ReactElement {
  return (
    <PartyProvider serverUrl={serverUrl} fetch={tap.fetch}>
      {children}
    </PartyProvider>
  )
}

function Names({ room }: { room: string }): ReactElement {
  // Options of its own in each render.
  const { db, status, isReady, error } = useStreamDB({ key: room, state: schema, schemaVersion: 1 })
  const { data } = useLiveQuery((q) =>
    q.from({ user: db.collections.users }).orderBy(({ user: { name } }) => name),
  )
  return (
    <ul data-status={status.kind} data-error={error?.code}>
      {isReady ? data.map(({ id, name }) => <li key={id}>{name}</li>) : <li>Loading…</li>}
    </ul>
  )
}

const shown = (): (string | null)[] =>
  screen.queryAllByRole('listitem').map(({ textContent }) => textContent)
const status = (): string | undefined => screen.getByRole('list').dataset['status']

describe('useStreamDB', () => {
  it('opens one connection in StrictMode, and closes it a moment after the component has gone', async () => {
    await (await open('a')).append(user('1', 'Ada'))
    const { unmount } = render(
      <StrictMode>
        <Page>
          <Names room="a" />
        </Page>
      </StrictMode>,
    )
    expect(shown()).toEqual(['Loading…'])
    await eventually(() => expect(shown()).toEqual(['Ada']))
    await eventually(() => expect(status()).toBe('live'))
    await eventually(() => expect(tap.openReads).toBe(1))
    expect(reads().filter(({ offset }) => offset === '-1')).toHaveLength(1)
    unmount()
    await eventually(() => expect(tap.openReads).toBe(0))
  })

  it('shares a database with others that name the same stream, and stays with it in every render', async () => {
    const stream = await open('a')
    const page = (): ReactElement => (
      <Page>
        <Names room="a" />
        <Names room="a" />
      </Page>
    )
    const { rerender } = render(page())
    for (let i = 0; i < 5; i++) rerender(page())
    await stream.append(user('1', 'Ada'))
    await eventually(() => expect(shown()).toEqual(['Ada', 'Ada']))
    expect(reads().filter(({ offset }) => offset === '-1')).toHaveLength(1)
    await eventually(() => expect(tap.openReads).toBe(1))
  })

  it('goes from stream to stream and back, and shows rows of the right one alone', async () => {
    await (await open('a')).append(user('1', 'Ada'))
    await (await open('b')).append(user('1', 'Bob'))
    const page = (room: string): ReactElement => (
      <StrictMode>
        <Page>
          <Names room={room} />
        </Page>
      </StrictMode>
    )
    const { rerender } = render(page('a'))
    await eventually(() => expect(shown()).toEqual(['Ada']))
    for (const [room, name] of [
      ['b', 'Bob'],
      ['a', 'Ada'],
      ['b', 'Bob'],
    ] as const) {
      rerender(page(room))
      expect(shown()).toEqual(['Loading…'])
      await eventually(() => expect(shown()).toEqual([name]))
      await eventually(() => expect(tap.readsOf).toEqual([room]))
    }
  })

  it('takes its options from a function, and is told of what makes reading impossible', async () => {
    tap.answer = () => new Response(null, { status: 403 })
    function Refused(): ReactElement {
      const { db, error } = useStreamDB(() => ({
        streamOptions: { url: `${serverUrl}/a`, fetch: tap.fetch },
        state: schema,
      }))
      return <button onClick={() => void db.preload()}>{error?.code ?? 'no error'}</button>
    }
    render(<Refused />)
    const button = screen.getByRole('button')
    await eventually(() => expect(button.textContent).toBe('forbidden'))
    tap.answer = undefined
    act(() => button.click())
    await eventually(() => expect(button.textContent).toBe('no error'))
  })

  it('loads what its own component is suspended on', async () => {
    await (await open('a')).append(user('1', 'Ada'))
    function Suspending(): ReactElement {
      const { db } = useStreamDB({ key: 'a', state: schema })
      const { data } = useLiveSuspenseQuery((q) => q.from({ user: db.collections.users }))
      return (
        <ul>
          {data.map(({ id, name }) => (
            <li key={id}>{name}</li>
          ))}
        </ul>
      )
    }
    render(
      <StrictMode>
        <Page>
          <Suspense fallback={<p>Waiting…</p>}>
            <Suspending />
          </Suspense>
        </Page>
      </StrictMode>,
    )
    expect(screen.getByText('Waiting…')).toBeDefined()
    await eventually(() => expect(shown()).toEqual(['Ada']))
    expect(reads().filter(({ offset }) => offset === '-1')).toHaveLength(1)
  })

  it('closes what was left while it was loading', async () => {
    let arrive = (): void => {}
    const arrived = new Promise<void>((resolve) => (arrive = resolve))
    let signal: AbortSignal | null | undefined
    const fetch: typeof globalThis.fetch = (_, init) => {
      signal = init?.signal
      arrive()
      return new Promise(() => {})
    }
    const { unmount } = render(
      <PartyProvider serverUrl={serverUrl} fetch={fetch}>
        <Names room="a" />
      </PartyProvider>,
    )
    await arrived
    unmount()
    await eventually(() => expect(signal?.aborted).toBe(true))
  })
})

/** Long enough for what was started to have asked the server: another question is answered. */
const someTime = (): Promise<unknown> => open('elsewhere')

/** Renders as a server does: where there is no page. */
function onServer(element: ReactElement): string {
  vi.stubGlobal('location', undefined)
  try {
    return renderToString(element)
  } finally {
    vi.unstubAllGlobals()
  }
}

/** A page that was rendered on the server: its markup, in a container to be taken over. */
function served(page: ReactElement): HTMLElement {
  const container = document.body.appendChild(document.createElement('div'))
  onTestFinished(() => container.remove())
  container.innerHTML = onServer(page)
  return container
}

/** Takes over the markup; gives what React had to say against it. */
function takeOver(container: HTMLElement, page: ReactElement): unknown[] {
  const complaints: unknown[] = []
  const spy = vi.spyOn(console, 'error').mockImplementation((...args) => void complaints.push(args))
  let root: Root | undefined
  act(() => {
    const onRecoverableError = (error: unknown): void => void complaints.push(error)
    root = hydrateRoot(container, page, { onRecoverableError })
  })
  onTestFinished(() => {
    root!.unmount()
    spy.mockRestore()
  })
  return complaints
}

describe('in a page that brings its rows along, useStreamDB', () => {
  const page = (data: DehydratedStreamDB): ReactElement => (
    <StrictMode>
      <Page>
        <HydrationBoundary data={[data]}>
          <Names room="rooms/a" />
        </HydrationBoundary>
      </Page>
    </StrictMode>
  )
  const loadVersion1 = async (): Promise<DehydratedStreamDB> =>
    JSON.parse(
      JSON.stringify(
        await loadStreamDB(
          {
            streamOptions: { url: `${serverUrl}/rooms/a` },
            state: schema,
            schemaVersion: 1,
          },
          'rooms/a',
        ),
      ),
    )

  it('shows them in the markup and in the first render, and reads on from their offset', async () => {
    const stream = await open('rooms/a')
    await stream.appendAll([user('1', 'Ada'), user('2', 'Bob')])
    const data = await loadVersion1()
    await stream.append(user('3', 'Cy'))

    const container = served(page(data))
    expect(shown()).toEqual(['Ada', 'Bob'])
    await someTime()
    expect(tap.asked).toEqual([])

    const frames: unknown[] = []
    const observer = new MutationObserver(() => frames.push(shown()))
    observer.observe(container, { childList: true, subtree: true, characterData: true })
    onTestFinished(() => observer.disconnect())
    expect(takeOver(container, page(data))).toEqual([])
    expect(shown()).toEqual(['Ada', 'Bob'])
    await eventually(() => expect(shown()).toEqual(['Ada', 'Bob', 'Cy']))
    await eventually(() => expect(status()).toBe('live'))
    expect(reads()[0]).toMatchObject({ offset: data.offset })
    expect(reads().filter(({ offset }) => offset === '-1')).toEqual([])
    expect(new Set(frames.map(String))).toEqual(new Set(['Ada,Bob,Cy']))
  })

  it('has none of a stream that was missing, and follows it once it is there', async () => {
    const data = await loadVersion1()
    const container = served(page(data))
    expect(shown()).toEqual([])
    expect(takeOver(container, page(data))).toEqual([])
    await (await open('rooms/a')).append(user('1', 'Ada'))
    await eventually(() => expect(shown()).toEqual(['Ada']))
  })

  it('takes no rows that another schema made: it says so, and reads them', async () => {
    await (await open('rooms/a')).append(user('1', 'Ada'))
    const data = { ...(await load('rooms/a')), path: 'rooms/a' }
    const told: unknown[] = []
    const report = vi.fn<(error: unknown) => void>((error) => void told.push(error))
    vi.stubGlobal('reportError', report)
    render(page(data))
    vi.unstubAllGlobals()
    expect(told).toMatchObject([{ code: 'invalid' }])
    expect(shown()).toEqual(['Loading…'])
    await eventually(() => expect(shown()).toEqual(['Ada']))
  })

  it('renders without rows, and reads nothing, where the server has loaded none', async () => {
    const bare = (
      <Page>
        <Names room="rooms/a" />
      </Page>
    )
    const container = served(bare)
    expect(shown()).toEqual(['Loading…'])
    await someTime()
    expect(tap.asked).toEqual([])
    expect(takeOver(container, bare)).toEqual([])
    await (await open('rooms/a')).append(user('1', 'Ada'))
    await eventually(() => expect(shown()).toEqual(['Ada']))
  })

  it('reads nothing on a server, where a collection is looked at as it is', async () => {
    function Count(): ReactElement {
      const { db } = useStreamDB({ key: 'rooms/a', state: schema })
      db.collections.users.startSyncImmediate()
      return <p>{db.collections.users.size}</p>
    }
    expect(
      onServer(
        <Page>
          <Count />
        </Page>,
      ),
    ).toBe('<p>0</p>')
    await someTime()
    expect(tap.asked).toEqual([])
  })

  it('says what is missing, where a server renders a key without a provider', () => {
    expect(() => onServer(<Names room="a" />)).toThrow('<PartyProvider serverUrl=')
  })
})
