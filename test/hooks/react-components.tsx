import { type ReactElement, useLayoutEffect } from 'react'
import { useConnectionStatus } from '../../src/react/use-connection-status.ts'
import { useFailures } from '../../src/react/use-failures.ts'
import { useServerReducer } from '../../src/react/use-server-reducer.ts'
import { useServerReducerSuspense } from '../../src/react/use-server-reducer-suspense.ts'
import { useServerState } from '../../src/react/use-server-state.ts'
import { useServerStateSuspense } from '../../src/react/use-server-state-suspense.ts'
import { useStreamStatus } from '../../src/react/use-stream-status.ts'
import type { Meta, MetaName, ReducerUse, StateUse } from './framework.ts'

/** What a component has put on the screen. */
export interface Shown {
  value: unknown
  write?: unknown
  meta?: Meta<unknown>
}

/** @param use which hook, and with what; `name` is the key, which may change. */
export interface UserProps<Use> {
  use: Use
  name: string
  onShown: (shown: Shown) => void
}

type AnyStateUse = StateUse<unknown, unknown>
type AnyReducerUse = ReducerUse<unknown, unknown, unknown>

export function StateUser({ use, name, onShown }: UserProps<AnyStateUse>): ReactElement {
  const [value, write, meta] = useServerState(use.initial, name, use.options)
  useShown(onShown, { value, write, meta })
  return <Screen value={value} read={read(meta, use.reads)} />
}

export function SuspendingStateUser({ use, name, onShown }: UserProps<AnyStateUse>): ReactElement {
  const [value, write, meta] = useServerStateSuspense(use.initial, name, use.options)
  useShown(onShown, { value, write, meta })
  return <Screen value={value} read={read(meta, use.reads)} />
}

export function ReducerUser({ use, name, onShown }: UserProps<AnyReducerUse>): ReactElement {
  const [value, write, meta] = useServerReducer(use.reducer, use.initial, name, use.options)
  useShown(onShown, { value, write, meta })
  return <Screen value={value} read={read(meta, use.reads)} />
}

export function SuspendingReducerUser({
  use,
  name,
  onShown,
}: UserProps<AnyReducerUse>): ReactElement {
  const [value, write, meta] = useServerReducerSuspense(use.reducer, use.initial, name, use.options)
  useShown(onShown, { value, write, meta })
  return <Screen value={value} read={read(meta, use.reads)} />
}

export function FailuresUser({ onShown }: UserProps<object>): ReactElement {
  const value = useFailures()
  useShown(onShown, { value })
  return <Screen value={value.map(({ error }) => error.message)} />
}

export function ConnectionUser({ onShown }: UserProps<object>): ReactElement {
  const value = useConnectionStatus()
  useShown(onShown, { value })
  return <Screen value={value.kind} />
}

export function StreamUser({ name, onShown }: UserProps<object>): ReactElement {
  const value = useStreamStatus(name)
  useShown(onShown, { value })
  return <Screen value={value.kind} />
}

function useShown(onShown: (shown: Shown) => void, shown: Shown): void {
  useLayoutEffect(() => onShown(shown))
}

function read(meta: Meta<unknown>, names: readonly MetaName[] = []): unknown[] {
  return names.map((name) => meta[name])
}

function Screen({ value, read = [] }: { value: unknown; read?: unknown[] }): ReactElement {
  return (
    <output data-screen="shown" data-read={read.length}>
      {JSON.stringify(value)}
    </output>
  )
}
