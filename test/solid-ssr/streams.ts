import type { HydrationData } from '../../src/state/hydration.ts'
import { loadMultipleStreamsWithReducers } from '../../src/state/ssr/index.ts'
import { setStateReducer } from '../../src/state/store/set-state-reducer.ts'
import { createStream, post, startServer } from '../support/server.ts'
import { addTodo } from './pages.tsx'

export interface Streams {
  serverUrl: string
  setCount: (value: number) => Promise<unknown>
  load: () => Promise<HydrationData>
}

/** A server whose counter is 5, with one thing to do. */
export async function startStreams(): Promise<Streams> {
  const { url: serverUrl } = await startServer()
  const counter = await createStream(serverUrl, { path: 'counter' })
  const todos = await createStream(serverUrl, { path: 'todos' })
  const setCount = (value: number): Promise<unknown> => {
    const headers = { operation: 'upsert', txid: `set-${value}` }
    return post(counter, JSON.stringify({ type: 'state', key: 'value', value, headers }))
  }
  await setCount(5)
  const milk = { id: 'milk', text: 'Milk' }
  const headers = { operation: 'insert', txid: 'milk' }
  await post(todos, JSON.stringify({ type: 'action', key: 'milk', value: milk, headers }))
  const load = (): Promise<HydrationData> =>
    loadMultipleStreamsWithReducers(
      serverUrl,
      [
        { path: 'counter', reducer: setStateReducer, initialState: 0 },
        { path: 'todos', reducer: addTodo, initialState: [] },
      ],
      { useCache: false },
    )
  return { serverUrl, setCount, load }
}
