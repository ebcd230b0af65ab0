import { expectTypeOf, it } from 'vitest'
import {
  type HydrationData,
  type LoadedStream,
  loadMultipleStreamsWithReducers,
  loadStreamWithReducer,
  setStateReducer,
} from 'streamwell/ssr'
import { z } from 'zod'

interface Todos {
  todos: { id: number; text: string }[]
  nextId: number
}
type Action = { type: 'add'; text: string }

declare function todoReducer(state: Todos, action: Action): Todos

const none = () => {
  return { serverUrl: '', path: 'a' }
}

it('gives the state the type that the reducer has', () => {
  const value = () =>
    loadStreamWithReducer({ ...none(), reducer: setStateReducer, initialState: 0 })
  expectTypeOf(value).returns.resolves.toHaveProperty('state').toEqualTypeOf<number>()
  const todos = () =>
    loadStreamWithReducer({
      ...none(),
      reducer: todoReducer,
      initialState: { todos: [], nextId: 1 },
      schema: z.object({ type: z.literal('add'), text: z.string() }),
    })
  expectTypeOf(todos).returns.resolves.toHaveProperty('state').toEqualTypeOf<Todos>()
  const maybe = () =>
    loadStreamWithReducer({
      ...none(),
      reducer: setStateReducer,
      initialState: null as Todos | null,
    })
  expectTypeOf(maybe).returns.resolves.toHaveProperty('state').toEqualTypeOf<Todos | null>()
})

it('gives each stream of a list its own type', () => {
  const load = () =>
    loadMultipleStreamsWithReducers('', [
      { path: 'count', reducer: setStateReducer, initialState: 0 },
      {
        path: 'todos',
        reducer: todoReducer,
        initialState: { todos: [], nextId: 1 },
        usePayloadAsAction: true,
      },
      { path: 'name', reducer: setStateReducer, initialState: null as string | null },
      { path: 'sum', reducer: (sum: number, { by }: { by: number }) => sum + by, initialState: 0 },
    ])
  type Loaded = Awaited<ReturnType<typeof load>>
  expectTypeOf<Loaded['length']>().toEqualTypeOf<4>()
  expectTypeOf<Loaded[0]['state']>().toEqualTypeOf<number>()
  expectTypeOf<Loaded[1]['state']>().toEqualTypeOf<Todos>()
  expectTypeOf<Loaded[2]['state']>().toEqualTypeOf<string | null>()
  expectTypeOf<Loaded[3]['state']>().toEqualTypeOf<number>()
})

it('knows the types also where something of another type is wanted', () => {
  const load = (): Promise<HydrationData> =>
    loadMultipleStreamsWithReducers('', [
      { path: 'count', reducer: setStateReducer, initialState: 0 },
      { path: 'todos', reducer: todoReducer, initialState: { todos: [], nextId: 1 } },
    ])
  const one = (): Promise<HydrationData> =>
    loadStreamWithReducer({ ...none(), reducer: setStateReducer, initialState: 0 })
  expectTypeOf(load).returns.toEqualTypeOf<ReturnType<typeof one>>()
})

it('takes no initial state that the reducer cannot take', () => {
  const empty = { todos: [], nextId: 1 }
  const wrong = (): unknown => [
    // @ts-expect-error the reducer takes no number
    loadStreamWithReducer({ ...none(), reducer: todoReducer, initialState: 0 }),
    // @ts-expect-error the same, in a list
    loadMultipleStreamsWithReducers('', [{ path: 'todos', reducer: todoReducer, initialState: 0 }]),
    // @ts-expect-error a stream has a path
    loadMultipleStreamsWithReducers('', [{ reducer: todoReducer, initialState: empty }]),
    // @ts-expect-error a schema of another value
    loadStreamWithReducer({
      ...none(),
      schema: z.string(),
      reducer: setStateReducer,
      initialState: 0,
    }),
  ]
  expectTypeOf(wrong).toBeFunction()
})

it('gives a list as a list', () => {
  const load = () =>
    loadMultipleStreamsWithReducers('', [
      { path: 'count', reducer: setStateReducer, initialState: 0 },
      { path: 'name', reducer: setStateReducer, initialState: '' },
    ])
  expectTypeOf(load).returns.resolves.toEqualTypeOf<[LoadedStream<number>, LoadedStream<string>]>()
})
