/** @jsxImportSource solid-js */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Accessor } from 'solid-js'
import { expectTypeOf, it } from 'vitest'
import {
  HydrationBoundary,
  PartyProvider,
  type ServerStateMeta,
  type SetServerState,
  useConnectionStatus,
  useFailures,
  useServerReducer,
  useServerReducerSuspense,
  useServerState,
  useServerStateSuspense,
  useStreamStatus,
} from '../../src/solid/index.ts'

interface Todo {
  id: number
  text: string
}
type TodoAction = { type: 'add'; text: string } | { type: 'remove'; id: number }

declare function reduceTodos(todos: readonly Todo[], action: TodoAction): readonly Todo[]
declare const todoSchema: StandardSchemaV1<unknown, TodoAction>
declare const wordSchema: StandardSchemaV1<unknown, string>

/** Never run: the compiler is what tests them. */
it('infers states and actions, and compiles no wrong ones', () => {
  expectTypeOf(values).toBeFunction()
  expectTypeOf(reducers).toBeFunction()
  expectTypeOf(components).toBeFunction()
})

function values(key: Accessor<string>): void {
  const [count, setCount, meta] = useServerState(0, 'count')
  expectTypeOf(count).toEqualTypeOf<Accessor<number>>()
  expectTypeOf(setCount).toEqualTypeOf<SetServerState<number>>()
  expectTypeOf(meta).toEqualTypeOf<ServerStateMeta<number>>()
  expectTypeOf(meta.failures[0]!.action).toBeNumber()
  setCount(1)
  setCount((n) => n + 1)
  // @ts-expect-error -- It holds a number.
  setCount('1')
  // @ts-expect-error -- A number comes of a number.
  setCount((n) => `${n}`)
  // @ts-expect-error -- It is an accessor.
  expectTypeOf(count + 1).toBeNumber()
  // @ts-expect-error -- What it is, the store says.
  meta.pending = 0

  const [name] = useServerState<string | null>(null, key)
  expectTypeOf(name).toEqualTypeOf<Accessor<string | null>>()
  // @ts-expect-error -- A key is text, or an accessor of text.
  useServerState(0, 7)
  // @ts-expect-error -- The schema is of another value.
  useServerState(0, 'count', { schema: wordSchema })

  const [length, setWord] = useServerStateSuspense('', key, { select: (word) => word.length })
  expectTypeOf(length).toEqualTypeOf<Accessor<number>>()
  expectTypeOf(setWord).toEqualTypeOf<SetServerState<string>>()
  // @ts-expect-error -- What is selected is not what is set.
  setWord(3)
}

function reducers(): void {
  const [todos, dispatch, meta] = useServerReducer(reduceTodos, [], 'todos', { schema: todoSchema })
  expectTypeOf(todos).toEqualTypeOf<Accessor<readonly Todo[]>>()
  expectTypeOf(meta).toEqualTypeOf<ServerStateMeta<TodoAction>>()
  dispatch({ type: 'add', text: 'Milk' })
  // @ts-expect-error -- No such action.
  dispatch({ type: 'toggle', id: 1 })
  // @ts-expect-error -- It lacks its text.
  dispatch({ type: 'add' })
  // @ts-expect-error -- Its id is a number.
  dispatch({ type: 'remove', id: 'one' })
  // @ts-expect-error -- The initial state is no list.
  useServerReducer(reduceTodos, {}, 'todos')

  const select = (list: readonly Todo[]): number => list.length
  const [left, send] = useServerReducerSuspense(reduceTodos, [], 'todos', { select })
  expectTypeOf(left).toEqualTypeOf<Accessor<number>>()
  expectTypeOf(send).toEqualTypeOf<(action: TodoAction) => void>()
  // @ts-expect-error -- It selects from something else.
  useServerReducer(reduceTodos, [], 'todos', { select: (word: string) => word })
}

function components(): unknown {
  expectTypeOf(useConnectionStatus()().kind).toEqualTypeOf<
    'idle' | 'connecting' | 'online' | 'offline'
  >()
  expectTypeOf(useFailures()()[0]!.key).toBeString()
  expectTypeOf(useStreamStatus(() => 'count')().kind).toMatchTypeOf<string>()
  return (
    <PartyProvider serverUrl="/v1/stream" headers={{ authorization: () => 'Bearer me' }}>
      {/* @ts-expect-error -- No loader has made it. */}
      <HydrationBoundary data={{ count: 5 }} />
      {/* @ts-expect-error -- A URL is text. */}
      <PartyProvider serverUrl={7} />
      <PartyProvider connection="page" />
      {/* @ts-expect-error -- Nobody can share that. */}
      <PartyProvider connection="tab" />
    </PartyProvider>
  )
}
