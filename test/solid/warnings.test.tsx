/** @jsxImportSource solid-js */
import { render } from 'solid-js/web'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type * as hooks from '../../src/solid/index.ts'

type Hooks = typeof hooks

/** Puts a component up twice, lets it write twice, and tells what was said to the console. */
async function warningsOf(use: (hooks: Hooks) => () => void): Promise<string[]> {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  // Hooks that have said nothing yet.
  const fresh = await import('../../src/solid/index.ts')
  const { PartyProvider } = fresh
  const fetch: typeof globalThis.fetch = () => new Promise(() => {})
  const writes: (() => void)[] = []
  function User() {
    writes.push(use(fresh))
    return null
  }
  const close = render(
    () => (
      <PartyProvider serverUrl="http://127.0.0.1:9/v1/stream" fetch={fetch}>
        <User />
        <User />
      </PartyProvider>
    ),
    document.createElement('div'),
  )
  onTestFinished(() => {
    close()
    said.mockRestore()
  })
  for (const write of [...writes, ...writes]) write()
  return said.mock.calls.map((words) => words.join(' '))
}

const add = (total: number, { more }: { more: number }): number => total + more
const multiply = (total: number, { more }: { more: number }): number => total * more

beforeEach(() => void vi.resetModules())

describe('the development build', () => {
  it.each<[string, (hooks: Hooks) => () => void, RegExp]>([
    [
      'a value that JSON cannot say',
      ({ useServerState }) => {
        const [, set] = useServerState<unknown>(null, 'party')
        return () => set({ since: new Date(0) })
      },
      /useServerState\("party"\) got a Date at since.*plain/,
    ],
    [
      'a computed one',
      ({ useServerState }) => {
        const [, set] = useServerState<unknown>(null, 'party')
        return () => set(() => new Map())
      },
      /useServerState\("party"\) got a Map.*plain/,
    ],
    [
      'an action',
      ({ useServerReducer }) => {
        const [, dispatch] = useServerReducer(add, 0, 'total')
        return () => dispatch({ more: NaN })
      },
      /useServerReducer\("total"\) got a NaN at more.*numbers/,
    ],
    [
      'an initial value',
      ({ useServerState }) => {
        useServerState<unknown>(new Set(), 'tags')
        return () => undefined
      },
      /"tags".*Set.*plain/,
    ],
    [
      'two reducers on one key',
      ({ useServerReducer }) => {
        useServerReducer(add, 1, 'total')
        useServerReducer(multiply, 1, 'total')
        return () => undefined
      },
      /"total".*two reducers.*share one.*key of its own/,
    ],
  ])('warns once of %s, and names the way out', async (_, use, message) => {
    const warnings = await warningsOf(use)
    expect(warnings).toEqual([expect.stringMatching(message)])
  })

  it('says nothing of what is right', async () => {
    const warnings = await warningsOf(({ useServerState, useServerReducer }) => {
      const [, set] = useServerState<readonly number[]>([], 'list')
      const [, dispatch] = useServerReducer(add, 0, 'total')
      return () => {
        set((list) => [...list, 1])
        dispatch({ more: 1 })
      }
    })
    expect(warnings).toEqual([])
  })
})
