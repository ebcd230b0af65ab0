import { expectTypeOf } from 'vitest'
import { z } from 'zod'
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
} from 'streamwell/react'
import type { LoadedStream } from '../../src/state/hydration.ts'

/** What the types of the hooks say, which the compiler of TypeScript checks; none of this runs. */

interface Todo {
  id: number
  text: string
}
type TodoAction = { type: 'add'; text: string } | { type: 'remove'; id: number }

declare function reduceTodos(todos: readonly Todo[], action: TodoAction): readonly Todo[]

export function StateTypes(): void {
  const [count, setCount, meta] = useServerState(0, 'count')
  expectTypeOf(count).toEqualTypeOf<number>()
  expectTypeOf(setCount).toEqualTypeOf<SetServerState<number>>()
  expectTypeOf(meta).toEqualTypeOf<ServerStateMeta<number>>()
  setCount(1)
  setCount((count) => count + 1)
  // @ts-expect-error -- A text is no number.
  setCount('1')
  // @ts-expect-error -- Nor is what the function gives.
  setCount((count) => String(count))
  // @ts-expect-error -- A hook needs a key.
  useServerState(0)
  // @ts-expect-error -- Which is a text.
  useServerState(0, 1)

  const [name, setName] = useServerState<string | null>(null, 'name')
  expectTypeOf(name).toEqualTypeOf<string | null>()
  setName('Ada')
  setName(null)
  // @ts-expect-error -- Neither a text nor null.
  setName(undefined)

  const [title, setRoom] = useServerState({ title: 'Room', size: 3 }, 'room', {
    select: (room) => room.title,
  })
  expectTypeOf(title).toEqualTypeOf<string>()
  setRoom((room) => ({ ...room, size: room.size + 1 }))
  // @ts-expect-error -- What is set is all of the state, not what is selected.
  setRoom('Kitchen')

  useServerState(0, 'count', { schema: z.number(), version: 2 })
  // @ts-expect-error -- A schema of something else.
  useServerState(0, 'count', { schema: z.string() })
  // @ts-expect-error -- No such option.
  useServerState(0, 'count', { selected: () => 1 })

  const [patient, setPatient] = useServerStateSuspense(0, 'count', {
    select: (count) => String(count),
  })
  expectTypeOf(patient).toEqualTypeOf<string>()
  expectTypeOf(setPatient).toEqualTypeOf<SetServerState<number>>()
}

export function ReducerTypes(): void {
  const [todos, dispatch, meta] = useServerReducer(reduceTodos, [], 'todos')
  expectTypeOf(todos).toEqualTypeOf<readonly Todo[]>()
  expectTypeOf(dispatch).toEqualTypeOf<(action: TodoAction) => void>()
  expectTypeOf(meta.failures[0]!.action).toEqualTypeOf<TodoAction>()
  dispatch({ type: 'add', text: 'milk' })
  dispatch({ type: 'remove', id: 1 })
  // @ts-expect-error -- No such action.
  dispatch({ type: 'clear' })
  // @ts-expect-error -- An action without its text.
  dispatch({ type: 'add' })
  // @ts-expect-error -- An action with what belongs to another.
  dispatch({ type: 'remove', id: 1, text: 'milk' })
  // @ts-expect-error -- A text is no id.
  dispatch({ type: 'remove', id: '1' })
  // @ts-expect-error -- An action is no function of the state.
  dispatch(() => ({ type: 'add', text: 'milk' }))
  // @ts-expect-error -- An initial state of another type.
  useServerReducer(reduceTodos, {}, 'todos')

  const [open] = useServerReducer(reduceTodos, [], 'todos', { select: (todos) => todos.length })
  expectTypeOf(open).toEqualTypeOf<number>()
  const [texts, add] = useServerReducerSuspense(reduceTodos, [], 'todos', {
    select: (todos) => todos.map(({ text }) => text),
  })
  expectTypeOf(texts).toEqualTypeOf<string[]>()
  expectTypeOf(add).toEqualTypeOf<(action: TodoAction) => void>()

  const [total, addUp] = useServerReducer((sum: number, more: number) => sum + more, 0, 'sum')
  expectTypeOf(total).toEqualTypeOf<number>()
  // @ts-expect-error -- A text is no number.
  addUp('1')
}

export function MetaTypes(): void {
  const [, , meta] = useServerState(0, 'count')
  expectTypeOf(meta.pending).toEqualTypeOf<number>()
  expectTypeOf(meta.isLoaded).toEqualTypeOf<boolean>()
  expectTypeOf(meta.offset).toEqualTypeOf<string>()
  meta.reset()
  if (meta.status.kind === 'offline') expectTypeOf(meta.status.retryAt).toEqualTypeOf<number>()
  // @ts-expect-error -- Told of an offline stream alone.
  void meta.status.retryAt
  // @ts-expect-error -- The state is not a field of meta.
  void meta.state

  for (const { key, action, retry, dismiss } of useFailures()) {
    expectTypeOf(key).toEqualTypeOf<string>()
    expectTypeOf(action).toEqualTypeOf<unknown>()
    retry()
    dismiss()
  }
  const connection = useConnectionStatus()
  if (connection.kind === 'offline') expectTypeOf(connection.cause.code).toBeString()
  expectTypeOf(useStreamStatus('count').kind).toBeString()
}

export function PageTypes({ data }: { data: readonly LoadedStream[] }): unknown {
  return (
    <PartyProvider serverUrl="/v1/stream" onError={(error, key) => `${key}: ${error.code}`}>
      <HydrationBoundary data={data}>
        <HydrationBoundary data={[data, undefined]} />
        {/* @ts-expect-error -- No loader gave this. */}
        <HydrationBoundary data={{ count: 1 }} />
      </HydrationBoundary>
      <PartyProvider connection="page" />
      {/* @ts-expect-error -- Nobody can share that. */}
      <PartyProvider connection="tab" />
    </PartyProvider>
  )
}
