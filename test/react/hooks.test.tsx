import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { Component, type ReactElement, type ReactNode, StrictMode, useState } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { PartyProvider, useServerReducer, useServerState } from '../../src/react/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { appends, readsLive } from '../support/live-reads.ts'

afterEach(cleanup)

function Counter({
  name = 'counter',
  initial = 0,
}: {
  name?: string
  initial?: number
}): ReactElement {
  const [count, setCount, { status, pending, failures }] = useServerState(initial, name)
  return (
    <section aria-label={name}>
      <output>{count}</output>
      <p>
        {status.kind}, {pending} pending
      </p>
      <button onClick={() => setCount((value) => value + 1)}>Add</button>
      <button onClick={() => setCount(100)}>Set</button>
      {failures.map(({ id, error, dismiss }) => (
        <p role="alert" key={id}>
          {error.message} <button onClick={dismiss}>Dismiss</button>
        </p>
      ))}
    </section>
  )
}

interface Todo {
  id: number
  text: string
}
type TodoAction = { type: 'add'; text: string } | { type: 'remove'; id: number }

function reduceTodos(todos: readonly Todo[], action: TodoAction): readonly Todo[] {
  if (action.type === 'remove') return todos.filter(({ id }) => id !== action.id)
  return [...todos, { id: todos.length, text: action.text }]
}

function Todos(): ReactElement {
  const [todos, dispatch] = useServerReducer(reduceTodos, [], 'todos')
  return (
    <>
      <button onClick={() => dispatch({ type: 'add', text: 'milk' })}>Milk</button>
      <ul>
        {todos.map(({ id, text }) => (
          <li key={id}>{text}</li>
        ))}
      </ul>
    </>
  )
}

/** A page of its own: what is rendered in it shares nothing with other pages but the server. */
function openPage(
  children: ReactNode,
  {
    serverUrl,
    // One of its own, since what has the same server and the same credentials is shared.
    fetch = (...request) => globalThis.fetch(...request),
  }: { serverUrl: string; fetch?: typeof globalThis.fetch },
): ReturnType<typeof within> & { unmount: () => void } {
  const provider = { serverUrl, fetch }
  const { container, unmount } = render(<PartyProvider {...provider}>{children}</PartyProvider>, {
    container: document.body.appendChild(document.createElement('div')),
  })
  return { ...within(container), unmount }
}

function shows(page: ReturnType<typeof within>, count: number): Promise<void> {
  return eventually(() => expect(page.getByRole('status').textContent).toBe(String(count)))
}

function isLive(page: ReturnType<typeof within>): Promise<HTMLElement> {
  return eventually(() => page.getByText('live, 0 pending'))
}

describe('useServerState', () => {
  it('shows a click at once, and on every other page', async () => {
    const { url: serverUrl } = await startServer()
    const one = openPage(<Counter />, { serverUrl })
    const other = openPage(<Counter />, { serverUrl })
    await isLive(one)

    fireEvent.click(one.getByText('Add'))
    expect(one.getByRole('status').textContent).toBe('1')
    expect(one.getByText('live, 1 pending')).toBeTruthy()
    await Promise.all([shows(other, 1), isLive(one)])
  })

  it('adds up clicks that two pages make at once', async () => {
    const { url: serverUrl } = await startServer()
    const pages = [openPage(<Counter />, { serverUrl }), openPage(<Counter />, { serverUrl })]
    for (let n = 0; n < 25; n++) for (const page of pages) fireEvent.click(page.getByText('Add'))
    await Promise.all(pages.map((page) => shows(page, 50)))
  })

  it('is there after a reload', async () => {
    const { url: serverUrl } = await startServer()
    const page = openPage(<Counter />, { serverUrl })
    fireEvent.click(page.getByText('Set'))
    await isLive(page)
    page.unmount()
    await shows(openPage(<Counter />, { serverUrl }), 100)
  })

  it('falls back visibly when the server refuses, until that is dismissed', async () => {
    const { url: serverUrl } = await startServer()
    const refusing: typeof fetch = async (input, init) =>
      appends(input, init) ? new Response('read only', { status: 403 }) : fetch(input, init)
    const page = openPage(<Counter />, { serverUrl, fetch: refusing })
    await isLive(page)

    fireEvent.click(page.getByText('Set'))
    expect(page.getByRole('status').textContent).toBe('100')
    const alert = await eventually(() => page.getByRole('alert'))
    expect(alert.textContent).toContain('read only')
    expect(page.getByRole('status').textContent).toBe('0')
    fireEvent.click(page.getByText('Dismiss'))
    expect(page.queryByRole('alert')).toBeNull()
  })

  it('opens one connection for many components, also in strict mode, and closes it', async () => {
    const { url: serverUrl } = await startServer()
    let live = 0
    let opened = 0
    const counting: typeof fetch = (input, init) => {
      if (readsLive(input)) {
        live++
        opened++
        init?.signal?.addEventListener('abort', () => live--)
      }
      return fetch(input, init)
    }
    const many = Array.from({ length: 100 }, (_, n) => <Counter key={n} />)
    const page = openPage(<StrictMode>{many}</StrictMode>, { serverUrl, fetch: counting })
    await eventually(() => expect(page.getAllByText('live, 0 pending')).toHaveLength(100))
    await eventually(() => expect(live).toBe(1))
    page.unmount()
    await eventually(() => expect(live).toBe(0))
    expect(opened).toBe(1)
  })

  it('follows its key when that changes', async () => {
    const { url: serverUrl } = await startServer()
    function Switch(): ReactElement {
      const [name, setName] = useState('one')
      return (
        <>
          <Counter name={name} />
          <button onClick={() => setName(name === 'one' ? 'two' : 'one')}>Switch</button>
        </>
      )
    }
    const page = openPage(<Switch />, { serverUrl })
    fireEvent.click(page.getByText('Set'))
    await shows(page, 100)
    fireEvent.click(page.getByText('Switch'))
    await shows(page, 0)
    fireEvent.click(page.getByText('Switch'))
    await shows(page, 100)
  })

  it('renders its initial value on a server, without a connection', () => {
    const never: typeof fetch = () => Promise.reject(new Error('no request expected'))
    const html = renderToString(
      <PartyProvider serverUrl="http://127.0.0.1:9/v1/stream" fetch={never}>
        <Counter initial={3} />
      </PartyProvider>,
    )
    expect(html).toContain('<output>3</output>')
  })
})

describe('useServerReducer', () => {
  it('reduces the actions of all pages to one state', async () => {
    const { url: serverUrl } = await startServer()
    const one = openPage(<Todos />, { serverUrl })
    const other = openPage(<Todos />, { serverUrl })
    for (const page of [one, other, one]) fireEvent.click(page.getByText('Milk'))
    for (const page of [one, other]) {
      await eventually(() => expect(page.getAllByRole('listitem')).toHaveLength(3))
    }
  })
})

describe('mistakes', () => {
  it.each([
    [
      'two initial values for one key',
      <>
        <Counter initial={0} />
        <Counter initial={1} />
      </>,
      /"counter".*initial value 0.*initial value 1.*same initial value/,
    ],
    [
      'one key for a value and a reducer',
      <>
        <Counter name="todos" />
        <Todos />
      </>,
      /"todos".*useServerState.*useServerReducer/,
    ],
    ['a key that is no path', <Counter name="/counter" />, /"\/counter".*rooms\/counter/],
  ])('names %s, and the way out', async (_, children, message) => {
    const { url: serverUrl } = await startServer()
    expect(errorOf(<PartyProvider serverUrl={serverUrl}>{children}</PartyProvider>)).toMatch(
      message,
    )
  })

  it('names the hook that has no server, and the way out', () => {
    vi.stubGlobal('location', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    expect(errorOf(<Counter />)).toMatch(/useServerState\("counter"\).*<PartyProvider serverUrl=/)
  })
})

/** What an error boundary around `children` gets to show. */
function errorOf(children: ReactNode): string {
  // React reports a caught error to the console as well.
  const silence = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  onTestFinished(() => silence.mockRestore())
  render(<Boundary>{children}</Boundary>)
  return screen.getByRole('alert').textContent
}

class Boundary extends Component<{ children: ReactNode }, { message?: string }> {
  override state: { message?: string } = {}
  static getDerivedStateFromError({ message }: Error): { message: string } {
    return { message }
  }
  override render(): ReactNode {
    const { message } = this.state
    return message ? <p role="alert">{message}</p> : this.props.children
  }
}
