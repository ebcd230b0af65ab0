import { act, cleanup, fireEvent, render, within } from '@testing-library/react'
import { atom, createStore, Provider, useAtom, useAtomValue } from 'jotai'
import { type ReactElement, type ReactNode, StrictMode, useState } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, expectTypeOf, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { ServerAtoms, serverAtom, useServerAtom } from '../../src/react/atom.ts'
import { HydrationBoundary, PartyProvider } from '../../src/react/index.ts'
import { loadStreamWithReducer, setStateReducer } from '../../src/state/ssr/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { countingFetch } from './counting-fetch.ts'

afterEach(cleanup)

const counterAtom = serverAtom({ key: 'counter', default: 0 })
const doubleAtom = atom((get) => get(counterAtom) * 2)

interface Todos {
  items: string[]
}
type TodoAction = { type: 'add'; text: string } | { type: 'clear' }

const todosAtom = serverAtom({
  key: 'todos',
  default: { items: [] } as Todos,
  reducer: ({ items }: Todos, action: TodoAction): Todos =>
    action.type === 'clear' ? { items: [] } : { items: [...items, action.text] },
})

function Counter(): ReactElement {
  const [count, setCount] = useAtom(counterAtom)
  const double = useAtomValue(doubleAtom)
  return (
    <section>
      <output>
        {count}, twice {double}
      </output>
      <button onClick={() => setCount((value) => value + 1)}>Add</button>
      <button onClick={() => setCount(100)}>Set</button>
    </section>
  )
}

/** A page of its own, with a store of jotai of its own. */
function openPage(children: ReactNode, serverUrl: string, fetch = countingFetch().fetch) {
  const { container, unmount, rerender } = render(
    <PartyProvider serverUrl={serverUrl} fetch={fetch}>
      <Provider>
        <ServerAtoms>{children}</ServerAtoms>
      </Provider>
    </PartyProvider>,
    { container: document.body.appendChild(document.createElement('div')) },
  )
  return { ...within(container), container, unmount, rerender }
}

const shows = (page: ReturnType<typeof within>, text: string): Promise<void> =>
  eventually(() => expect(page.getByRole('status').textContent).toBe(text))

describe('a server atom with useAtom', () => {
  it('is shared by pages and stores of jotai, as are the atoms made of it', async () => {
    const { url } = await startServer()
    const one = openPage(<Counter />, url)
    const other = openPage(<Counter />, url)
    fireEvent.click(one.getByText('Add'))
    expect(one.getByRole('status').textContent).toBe('1, twice 2')
    await shows(other, '1, twice 2')
    fireEvent.click(other.getByText('Set'))
    await shows(one, '100, twice 200')
  })

  it('loses no update of two pages', async () => {
    const { url } = await startServer()
    const pages = [openPage(<Counter />, url), openPage(<Counter />, url)]
    for (let n = 0; n < 20; n++) for (const page of pages) fireEvent.click(page.getByText('Add'))
    await Promise.all(pages.map((page) => shows(page, '40, twice 80')))
  })

  it('takes the actions of its reducer', async () => {
    const { url } = await startServer()
    function List(): ReactElement {
      const [{ items }, dispatch] = useAtom(todosAtom)
      return (
        <>
          <output>{items.join()}</output>
          <button onClick={() => dispatch({ type: 'add', text: 'milk' })}>Milk</button>
          <button onClick={() => dispatch({ type: 'clear' })}>Clear</button>
        </>
      )
    }
    const one = openPage(<List />, url)
    const other = openPage(<List />, url)
    fireEvent.click(one.getByText('Milk'))
    fireEvent.click(one.getByText('Milk'))
    await shows(other, 'milk,milk')
    fireEvent.click(other.getByText('Clear'))
    await shows(one, '')
  })

  it('opens one connection, in strict mode too, and closes it', async () => {
    const { url } = await startServer()
    const { fetch, open, opened } = countingFetch()
    const many = Array.from({ length: 20 }, (_, n) => <Counter key={n} />)
    const page = openPage(<StrictMode>{many}</StrictMode>, url, fetch)
    await eventually(() => expect(open()).toBe(1))
    page.unmount()
    await eventually(() => expect(open()).toBe(0))
    expect(opened()).toBe(1)
  })

  it('shows at once what it is when it is shown again, never what it was', async () => {
    const { url } = await startServer()
    const seen: number[] = []
    function Value(): ReactElement {
      const value = useAtomValue(counterAtom)
      seen.push(value)
      return <output>{value}</output>
    }
    function App(): ReactElement {
      const [isShown, show] = useState(true)
      const [, setCount] = useServerAtom(counterAtom)
      return (
        <>
          <button onClick={() => show(!isShown)}>Toggle</button>
          <button onClick={() => setCount((value) => value + 1)}>Add</button>
          {isShown && <Value />}
        </>
      )
    }
    const page = openPage(<App />, url)
    fireEvent.click(page.getByText('Add'))
    await shows(page, '1')
    for (let n = 2; n < 5; n++) {
      fireEvent.click(page.getByText('Toggle'))
      fireEvent.click(page.getByText('Add'))
      seen.length = 0
      fireEvent.click(page.getByText('Toggle'))
      expect(new Set(seen)).toEqual(new Set([n]))
    }
  })
})

describe('a server atom without React', () => {
  it('is read while it is subscribed to, and set at any time', async () => {
    const { url: serverUrl } = await startServer()
    const { fetch, open } = countingFetch()
    const own = { key: 'counter', default: 0, serverUrl }
    const oneAtom = serverAtom({ ...own, fetch })
    const otherAtom = serverAtom({ ...own, fetch: countingFetch().fetch })
    const one = createStore()
    const other = createStore()
    expect(one.get(oneAtom)).toBe(0)
    expect(open()).toBe(0)

    const seen: number[] = []
    const leave = one.sub(oneAtom, () => seen.push(one.get(oneAtom)))
    await eventually(() => expect(open()).toBe(1))
    other.set(otherAtom, 5)
    expect(other.get(otherAtom)).toBe(5)
    await eventually(() => expect(one.get(oneAtom)).toBe(5))
    other.set(otherAtom, (value) => value + 1)
    expect(other.get(otherAtom)).toBe(6)
    await eventually(() => expect(seen).toEqual([5, 6]))
    leave()
    await eventually(() => expect(open()).toBe(0))
    expect(one.get(oneAtom)).toBe(6)

    // Nobody is subscribed: it is stored nevertheless.
    one.set(oneAtom, 7)
    expect(one.get(oneAtom)).toBe(7)
    const third = createStore()
    onTestFinished(third.sub(oneAtom, () => {}))
    await eventually(() => expect(third.get(oneAtom)).toBe(7))
  })

  it('goes on with what another store of the page knows', async () => {
    const { url: serverUrl } = await startServer()
    const { fetch, opened } = countingFetch()
    const countAtom = serverAtom({ key: 'counter', default: 0, serverUrl, fetch })
    const one = createStore()
    onTestFinished(one.sub(countAtom, () => {}))
    one.set(countAtom, 3)
    const other = createStore()
    onTestFinished(other.sub(countAtom, () => {}))
    expect(other.get(countAtom)).toBe(3)
    await eventually(() => expect(opened()).toBe(1))
  })

  it('refuses what its schema refuses', async () => {
    const { url: serverUrl } = await startServer()
    const fetch = countingFetch().fetch
    const ageAtom = serverAtom({
      key: 'age',
      default: 0,
      schema: z.number().min(0),
      serverUrl,
      fetch,
    })
    const store = createStore()
    expect(() => store.set(ageAtom, -1)).toThrow(/age|Too small|>=0/)
    expect(store.get(ageAtom)).toBe(0)
  })
})

describe('useServerAtom', () => {
  function Count(): ReactElement {
    const [count, setCount, { status, pending, reset }] = useServerAtom(counterAtom)
    return (
      <>
        <output>{count}</output>
        <p>
          {status.kind}, {pending} pending
        </p>
        <button onClick={() => setCount((value) => value + 1)}>Add</button>
        <button onClick={reset}>Reset</button>
      </>
    )
  }

  it("uses the provider's server, and tells how things are", async () => {
    const { url } = await startServer()
    const { container } = render(
      <PartyProvider serverUrl={url} fetch={countingFetch().fetch}>
        <Count />
      </PartyProvider>,
    )
    const page = within(container)
    await eventually(() => page.getByText('live, 0 pending'))
    fireEvent.click(page.getByText('Add'))
    expect(page.getByRole('status').textContent).toBe('1')
    page.getByText('live, 1 pending')
    await shows(openPage(<Counter />, url), '1, twice 2')
    fireEvent.click(page.getByText('Reset'))
    await shows(page, '0')
  })

  it("uses the atom's own server, also without a provider", async () => {
    const { url: serverUrl } = await startServer()
    const { fetch } = countingFetch()
    const ownAtom = serverAtom({ key: 'own', default: 'nothing', serverUrl, fetch })
    function Own(): ReactElement {
      const [text, setText] = useServerAtom(ownAtom)
      return (
        <>
          <output>{text}</output>
          <button onClick={() => setText('something')}>Say</button>
        </>
      )
    }
    const page = render(<Own />)
    fireEvent.click(page.getByText('Say'))
    await shows(page, 'something')
    await eventually(async () => {
      const stored = await globalThis.fetch(`${serverUrl}/own`)
      expect(await stored.text()).toContain('something')
    })
  })
})

describe('markup of a server', () => {
  async function loadCount(serverUrl: string, count: number) {
    const store = createStore()
    const { fetch } = countingFetch()
    const setAtom = serverAtom({ key: 'counter', default: 0, serverUrl, fetch })
    const leave = store.sub(setAtom, () => {})
    store.set(setAtom, count)
    await eventually(async () => {
      const stored = await globalThis.fetch(`${serverUrl}/counter`)
      expect(await stored.text()).toContain(`${count}`)
    })
    leave()
    const options = { serverUrl, path: 'counter', reducer: setStateReducer, initialState: 0 }
    return loadStreamWithReducer({ ...options, useCache: false })
  }

  function HookCount(): ReactElement {
    const [count, setCount] = useServerAtom(counterAtom)
    return <button onClick={() => setCount(count + 1)}>{count}</button>
  }
  function AtomCount(): ReactElement {
    const [count, setCount] = useAtom(counterAtom)
    return <button onClick={() => setCount(count + 1)}>{count}</button>
  }

  it.each([
    ['useServerAtom', <HookCount />],
    ['useAtom', <AtomCount />],
  ])('is what %s shows first, and goes on from', async (_, component) => {
    const { url } = await startServer()
    const data = await loadCount(url, 41)
    const page = (fetch: typeof globalThis.fetch): ReactElement => (
      <StrictMode>
        <PartyProvider serverUrl={url} fetch={fetch}>
          <HydrationBoundary data={data}>
            <Provider>
              <ServerAtoms>{component}</ServerAtoms>
            </Provider>
          </HydrationBoundary>
        </PartyProvider>
      </StrictMode>
    )
    const container = document.body.appendChild(document.createElement('div'))
    container.innerHTML = renderToString(page(countingFetch().fetch))
    expect(container.textContent).toBe('41')

    const seen: string[] = []
    const observer = new MutationObserver(() => seen.push(container.textContent!))
    observer.observe(container, { subtree: true, characterData: true, childList: true })
    const onRecoverableError = vi.fn<(error: unknown) => void>()
    const { fetch, open } = countingFetch()
    const root = await act(() => hydrateRoot(container, page(fetch), { onRecoverableError }))
    onTestFinished(() => act(() => root.unmount()))
    await eventually(() => expect(open()).toBe(1))
    expect(container.textContent).toBe('41')
    fireEvent.click(container.querySelector('button')!)
    await eventually(() => expect(container.textContent).toBe('42'))
    expect(onRecoverableError).not.toHaveBeenCalled()
    expect(seen).not.toContain('0')
    observer.disconnect()
  })
})

describe('the types of a server atom', () => {
  it('follow from its default and its reducer', () => {
    const store = createStore()
    expectTypeOf(store.get(counterAtom)).toEqualTypeOf<number>()
    expectTypeOf(store.get(todosAtom)).toEqualTypeOf<Todos>()
    const wrong = (): void => {
      // @ts-expect-error -- a number
      store.set(counterAtom, 'one')
      // @ts-expect-error -- no such action
      store.set(todosAtom, { type: 'remove' })
      // @ts-expect-error -- an action, not a state
      store.set(todosAtom, { items: [] })
    }
    expect(wrong).toBeTypeOf('function')
  })
})
