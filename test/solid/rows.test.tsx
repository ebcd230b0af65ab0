/** @jsxImportSource solid-js */
import { For, type JSX } from 'solid-js'
import { describe, expect, it } from 'vitest'
import { type SetServerState, useServerReducer, useServerState } from '../../src/solid/index.ts'
import { eventually } from '../support/eventually.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { startServer } from '../support/server.ts'
import { openPage } from './open-page.tsx'

interface Todo {
  id: string
  text: string
}

interface TodoPage {
  /** The elements of the rows. */
  rows: () => HTMLLIElement[]
  texts: () => string[]
}

interface ValuePage extends TodoPage {
  set: SetServerState<readonly Todo[]>
}

function list(rows: () => readonly Todo[]): JSX.Element {
  return (
    <ul>
      <For each={rows()}>{(row) => <li>{row.text}</li>}</For>
    </ul>
  )
}

function pageOf(element: HTMLElement): TodoPage {
  const rows = (): HTMLLIElement[] => [...element.querySelectorAll('li')]
  return { rows, texts: () => rows().map((row) => row.textContent) }
}

function openValuePage(serverUrl: string): ValuePage {
  let set!: SetServerState<readonly Todo[]>
  const initial: readonly Todo[] = []
  const { element } = openPage(
    () => {
      const [todos, setTodos] = useServerState(initial, 'todos')
      set = setTodos
      return list(todos)
    },
    { serverUrl },
  )
  return { ...pageOf(element), set }
}

describe('rows of a value, in <For>', () => {
  it('keep their elements, whoever changes another row', async () => {
    const { url: serverUrl } = await startServer()
    const one = openValuePage(serverUrl)
    const other = openValuePage(serverUrl)
    one.set([
      { id: 'a', text: 'A' },
      { id: 'b', text: 'B' },
    ])
    await eventually(() => expect(other.texts()).toEqual(['A', 'B']))
    const [a, b] = other.rows()

    one.set((rows) => [{ id: 'c', text: 'C' }, ...rows])
    await eventually(() => expect(other.texts()).toEqual(['C', 'A', 'B']))
    expect(other.rows().slice(1)).toEqual([a, b])

    other.set((rows) => rows.map((row) => (row.id === 'a' ? { ...row, text: 'New' } : row)))
    expect(other.texts()).toEqual(['C', 'New', 'B'])
    expect(other.rows()[2]).toBe(b)
    expect(other.rows()[1]).not.toBe(a)
    await eventually(() => expect(one.texts()).toEqual(['C', 'New', 'B']))
  })
})

describe('rows of a reducer, in <For>', () => {
  type Action = { type: 'add'; todo: Todo } | { type: 'remove'; id: string }

  function reduce(todos: readonly Todo[], action: Action): readonly Todo[] {
    if (action.type === 'remove') return todos.filter(({ id }) => id !== action.id)
    return [...todos, { ...action.todo }]
  }

  function openReducerPage(
    serverUrl: string,
    fetch?: typeof globalThis.fetch,
  ): TodoPage & { dispatch: (action: Action) => void } {
    let dispatch!: (action: Action) => void
    const { element } = openPage(
      () => {
        const [todos, send] = useServerReducer(reduce, [], 'todos')
        dispatch = send
        return list(todos)
      },
      { serverUrl, fetch },
    )
    return { ...pageOf(element), dispatch }
  }

  const add = (id: string): Action => ({ type: 'add', todo: { id, text: id } })

  it('keep their elements when what others did comes before our own', async () => {
    const { url: serverUrl } = await startServer()
    const gate = gatedFetch()
    const slow = openReducerPage(serverUrl, gate.fetch)
    const quick = openReducerPage(serverUrl)
    slow.dispatch(add('mine'))
    await gate.arrived
    const [mine] = slow.rows()

    quick.dispatch(add('theirs'))
    await eventually(() => expect(slow.texts()).toEqual(['theirs', 'mine']))
    gate.open()
    await eventually(() => expect(quick.texts()).toEqual(['theirs', 'mine']))
    expect(slow.rows()[1]).toBe(mine)
  })
})
