import { type ReactElement, useState } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type * as hooks from '../../src/react/index.ts'
import { eventually } from '../support/eventually.ts'

type Hooks = typeof hooks

/** Nothing is ever answered. */
const fetch: typeof globalThis.fetch = () => new Promise(() => {})

/** Puts a page up, and presses its button some times; tells what was said to the console. */
function warningsOf(page: ReactElement, presses = 0): string[] {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const container = document.body.appendChild(document.createElement('div'))
  const root = createRoot(container)
  onTestFinished(() => {
    root.unmount()
    container.remove()
    warn.mockRestore()
  })
  flushSync(() => root.render(page))
  for (let n = 0; n < presses; n++) flushSync(() => container.querySelector('button')?.click())
  return warn.mock.calls.map((words) => words.join(' '))
}

/** Hooks that have said nothing yet. */
async function freshHooks(): Promise<Hooks> {
  vi.resetModules()
  return import('../../src/react/index.ts')
}

/** A page with `user`, which makes a mistake. */
function mistake({ PartyProvider }: Hooks, User: () => ReactElement): ReactElement {
  return (
    <PartyProvider serverUrl="http://127.0.0.1:9/v1/stream" fetch={fetch}>
      <User />
      <User />
    </PartyProvider>
  )
}

function changingInitialValue({ useServerState }: Hooks): () => ReactElement {
  return function User() {
    const [times, setTimes] = useState(0)
    const [value] = useServerState({ times }, 'clock')
    return <button onClick={() => setTimes(times + 1)}>{value.times}</button>
  }
}

function equalInitialValues({ useServerState }: Hooks): () => ReactElement {
  return function User() {
    const [times, setTimes] = useState(0)
    const [value] = useServerState<readonly number[]>([], 'list')
    return (
      <button onClick={() => setTimes(times + 1)}>
        {value.length} {times}
      </button>
    )
  }
}

function valueThatIsNoJson({ useServerState }: Hooks): () => ReactElement {
  return function User() {
    const [, setValue] = useServerState<unknown>(null, 'party')
    return <button onClick={() => setValue({ guests: [{ since: new Date(0) }] })}>Set</button>
  }
}

function computedValueThatIsNoJson({ useServerState }: Hooks): () => ReactElement {
  return function User() {
    const [, setValue] = useServerState<unknown>(null, 'party')
    return <button onClick={() => setValue(() => new Map())}>Set</button>
  }
}

function actionThatIsNoJson({ useServerReducer }: Hooks): () => ReactElement {
  const count = (total: number, { more }: { more: number }): number => total + more
  return function User() {
    const [, dispatch] = useServerReducer(count, 0, 'total')
    return <button onClick={() => dispatch({ more: Number.NaN })}>Add</button>
  }
}

function initialValueThatIsNoJson({ useServerState }: Hooks): () => ReactElement {
  const initial = new Set<string>()
  return function User() {
    return <p>{useServerState(initial, 'tags')[0].size}</p>
  }
}

function twoReducers({ useServerReducer }: Hooks): () => ReactElement {
  const add = (total: number, more: number): number => total + more
  const multiply = (total: number, more: number): number => total * more
  return function User() {
    const [sum] = useServerReducer(add, 1, 'total')
    const [product] = useServerReducer(multiply, 1, 'total')
    return (
      <p>
        {sum} {product}
      </p>
    )
  }
}

function reducerOfEachRender({ useServerReducer }: Hooks): () => ReactElement {
  return function User() {
    const [sum, add] = useServerReducer((total: number, more: number) => total + more, 1, 'total')
    return <button onClick={() => add(1)}>{sum}</button>
  }
}

beforeEach(() => void vi.resetModules())

describe('the development build', () => {
  it.each([
    [
      'an initial value that changes',
      changingInitialValue,
      /useServerState\("clock"\).*\{"times":0\}.*\{"times":1\}.*set it/,
    ],
    ['a value that JSON cannot say', valueThatIsNoJson, /"party".*Date at guests\.0\.since.*plain/],
    ['a computed one', computedValueThatIsNoJson, /useServerState\("party"\) got a Map.*plain/],
    ['an action', actionThatIsNoJson, /useServerReducer\("total"\) got a NaN at more.*numbers/],
    ['an initial value', initialValueThatIsNoJson, /"tags".*Set.*plain/],
    ['two reducers on one key', twoReducers, /"total".*two reducers.*share one.*key of its own/],
  ])('warns once of %s, and names the way out', async (_, make, message) => {
    const hooks = await freshHooks()
    const warnings = warningsOf(mistake(hooks, make(hooks)), 1)
    expect(warnings).toEqual([expect.stringMatching(message)])
    expect(warnings[0]).toMatch(/^\[streamwell\] /)
  })

  it.each([
    ['equal initial values', equalInitialValues],
    ['a reducer that is made in each render', reducerOfEachRender],
  ])('says nothing of %s', async (_, make) => {
    const hooks = await freshHooks()
    expect(warningsOf(mistake(hooks, make(hooks)), 3)).toEqual([])
  })

  it('warns once that nothing serves streams where no server was named', async () => {
    const { PartyProvider, useServerState } = await freshHooks()
    function User(): ReactElement {
      return <p>{useServerState(0, 'count')[0]}</p>
    }
    const none: typeof globalThis.fetch = async () =>
      new Response('<!doctype html>', { status: 404, headers: { 'content-type': 'text/html' } })
    warningsOf(
      <PartyProvider fetch={none}>
        <User />
        <User />
      </PartyProvider>,
    )
    await eventually(() => expect(console.warn).toHaveBeenCalled())
    expect(vi.mocked(console.warn).mock.calls).toEqual([
      [
        expect.stringMatching(
          /"count".*streamwell\(\).*vite\.config\.ts.*<PartyProvider serverUrl=/,
        ),
      ],
    ])
  })
})

describe('what is deployed', () => {
  it.each([
    ['an initial value that changes', changingInitialValue],
    ['a value that JSON cannot say', valueThatIsNoJson],
    ['two reducers on one key', twoReducers],
  ])('says nothing of %s', async (_, make) => {
    vi.stubEnv('NODE_ENV', 'production')
    onTestFinished(() => void vi.unstubAllEnvs())
    const hooks = await freshHooks()
    expect(warningsOf(mistake(hooks, make(hooks)), 1)).toEqual([])
  })
})
