/** @jsxImportSource solid-js */
import { For, type JSX } from 'solid-js'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import { serverAtom } from '../../src/solid/server-atom.ts'
import { useServerAtom } from '../../src/solid/use-server-atom.ts'
import { HydrationBoundary } from '../../src/solid/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { countingFetch } from './counting-fetch.ts'
import { fireEvent, openPage, type SolidPage } from './solid-page.tsx'

const counterAtom = serverAtom({ key: 'counter', default: 0 })

type ListAction = { type: 'add'; text: string } | { type: 'clear' }
const listAtom = serverAtom({
  key: 'list',
  default: [] as string[],
  reducer: (list: string[], action: ListAction): string[] =>
    action.type === 'clear' ? [] : [...list, action.text],
})

function Counter(): JSX.Element {
  const [count, setCount, meta] = useServerAtom(counterAtom)
  return (
    <section>
      <output>{count()}</output>
      <p>
        {meta.status.kind}, {meta.pending} pending
      </p>
      <button onClick={() => setCount((value) => value + 1)}>Add</button>
      <button onClick={meta.reset}>Reset</button>
    </section>
  )
}

const shows = (page: SolidPage, text: string): Promise<void> =>
  eventually(() => expect(page.getByRole('status').textContent).toBe(text))

describe('a server atom of Solid', () => {
  it('is shared by pages, at once on its own', async () => {
    const { url } = await startServer()
    const one = openPage(() => <Counter />, url)
    const other = openPage(() => <Counter />, url)
    fireEvent.click(one.getByText('Add'))
    expect(one.getByRole('status').textContent).toBe('1')
    await shows(other, '1')
    await eventually(() => other.getByText('live, 0 pending'))
    fireEvent.click(other.getByText('Reset'))
    await shows(one, '0')
  })

  it('opens one connection for all components, and closes it', async () => {
    const { url } = await startServer()
    const { fetch, open, opened } = countingFetch()
    const many = Array.from({ length: 20 })
    const page = openPage(() => <For each={many}>{() => <Counter />}</For>, url, fetch)
    await eventually(() => expect(open()).toBe(1))
    page.unmount()
    await eventually(() => expect(open()).toBe(0))
    expect(opened()).toBe(1)
  })

  it('takes the actions of its reducer', async () => {
    const { url } = await startServer()
    function List(): JSX.Element {
      const [list, dispatch] = useServerAtom(listAtom)
      return (
        <>
          <output>{list().join()}</output>
          <button onClick={() => dispatch({ type: 'add', text: 'milk' })}>Milk</button>
        </>
      )
    }
    const one = openPage(() => <List />, url)
    const other = openPage(() => <List />, url)
    fireEvent.click(one.getByText('Milk'))
    fireEvent.click(one.getByText('Milk'))
    await shows(other, 'milk,milk')
    const wrong = (): void => {
      // @ts-expect-error -- no such action
      listAtom.set({ type: 'remove' })
      // @ts-expect-error -- a number
      counterAtom.set('one')
    }
    expect(wrong).toBeTypeOf('function')
    expectTypeOf(listAtom.get()).toEqualTypeOf<string[]>()
  })

  it('lives outside of components too, on a server of its own', async () => {
    const { url: serverUrl } = await startServer()
    const { fetch, open } = countingFetch()
    const ownAtom = serverAtom({ key: 'own', default: 0, serverUrl, fetch })
    const otherAtom = serverAtom({
      key: 'own',
      default: 0,
      serverUrl,
      fetch: countingFetch().fetch,
    })
    expect(ownAtom.get()).toBe(0)
    expect(open()).toBe(0)
    const seen: number[] = []
    const leave = ownAtom.subscribe(() => seen.push(ownAtom.get()))
    otherAtom.set(5)
    expect(otherAtom.get()).toBe(5)
    await eventually(() => expect(seen).toEqual([5]))
    ownAtom.set((value) => value + 1)
    expect(seen).toEqual([5, 6])
    onTestFinished(otherAtom.subscribe(() => {}))
    await eventually(() => expect(otherAtom.get()).toBe(6))
    leave()
    await eventually(() => expect(open()).toBe(0))
  })

  it('shows first what the page has brought along for it', async () => {
    const { url } = await startServer()
    const data = { kind: 'state', path: 'counter', state: 41, untagged: 0, version: '' } as const
    const page = openPage(
      () => (
        <HydrationBoundary data={{ ...data, offset: '0000000000000000' }}>
          <Counter />
        </HydrationBoundary>
      ),
      url,
    )
    expect(page.getByRole('status').textContent).toBe('41')
  })
})
