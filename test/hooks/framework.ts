import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { StreamError } from '../../src/core/errors.ts'
import type { StreamStatus } from '../../src/core/status.ts'
import type { HydrationData } from '../../src/state/hydration.ts'
import type { Failure, Persistence, Reducer, StoreSnapshot } from '../../src/state/store/index.ts'

/** What the contract of the hooks needs of a framework, to put them on pages and watch them. */
export interface HookFramework {
  name: string
  /** Opens a page: a root with a `PartyProvider`, in the document. It is closed with the test. */
  openPage: (options: PageOptions) => HookPage
}

export interface PageOptions {
  serverUrl: string
  /** One of its own by default, so that the page shares nothing with others but the server. */
  fetch?: typeof globalThis.fetch | undefined
  headers?: Readonly<Record<string, string>> | undefined
  connection?: 'browser' | 'page' | 'stream' | undefined
  persistence?: Persistence | undefined
  onError?: ((error: StreamError, key: string) => void) | undefined
  /** One `HydrationBoundary` for each, the outermost first, around all components. */
  boundaries?: readonly HydrationData[] | undefined
  /** React: under `StrictMode`. */
  isStrict?: boolean | undefined
}

/**
 * A page on which components are put one by one, each of them under an error boundary and a Suspense
 * boundary of its own. Each uses one hook.
 */
export interface HookPage {
  state: <Value, Shown = Value>(use: StateUse<Value, Shown>) => Probe<Shown, SetState<Value>, Value>
  reducer: <State, Action, Shown = State>(
    use: ReducerUse<State, Action, Shown>,
  ) => Probe<Shown, (action: Action) => void, Action>
  /** `useFailures()` */
  failures: () => View<readonly KeyedFailure[]>
  /** `useConnectionStatus()` */
  connection: () => View<Connection>
  /** `useStreamStatus(key)` */
  stream: (key: string) => View<StreamStatus>
  /** Takes the whole root away. */
  close: () => void
}

/** `useServerState(initial, key, options)`, or the variant that suspends. */
export interface StateUse<Value, Shown = Value> extends Use {
  initial: Value
  options?: UseOptions<Value, Value, Shown> | undefined
}

/** `useServerReducer(reducer, initial, key, options)`, or the variant that suspends. */
export interface ReducerUse<State, Action, Shown = State> extends Use {
  reducer: Reducer<State, Action>
  initial: State
  options?: UseOptions<State, Action, Shown> | undefined
}

interface Use {
  key: string
  /** What the component reads of `meta` while it renders. Default: nothing. */
  reads?: readonly MetaName[] | undefined
  /** With `useServerStateSuspense` or `useServerReducerSuspense`. */
  suspends?: boolean | undefined
}

export interface UseOptions<State, Action, Shown> {
  schema?: StandardSchemaV1<unknown, Action> | undefined
  version?: string | number | undefined
  select?: ((state: State) => Shown) | undefined
}

export type SetState<Value> = (next: Value | ((previous: Value) => Value)) => void

export type Meta<Action> = Omit<StoreSnapshot<never, Action>, 'state'> & { reset: () => void }
export type MetaName = keyof Meta<unknown>

/** A component that is watched. */
export interface View<Shown> {
  /** What the component shows now. */
  readonly value: Shown
  /** Everything it has shown, each once: what comes again after something else is in it again. */
  readonly values: readonly Shown[]
  /**
   * How often the component rendered. In Solid: how often an effect ran that reads the value, and of
   * `meta` what `reads` names.
   */
  readonly renders: number
  /** Takes the component off the page. */
  unmount: () => void
}

export interface Probe<Shown, Write, Action> extends View<Shown> {
  /** Whether the component is there, or its fallback, or what the error boundary shows. */
  readonly screen: 'shown' | 'waiting' | 'failed'
  /** What the error boundary caught. */
  readonly caught: unknown
  /** The setter, or `dispatch`. What it changes is on the screen when it returns. */
  readonly write: Write
  /** `meta` of the last render. In React, what is read of it here counts as read by the component. */
  readonly meta: Meta<Action>
  /** Gives the component another key; as a transition it keeps what is on the screen. */
  changeKey: (key: string, how?: 'transition') => void
  /** Renders the component again, with nothing changed. In Solid: does nothing. */
  rerender: () => void
  /** What a button of the error boundary would do: shows the component again, as a new one. */
  tryAgain: () => void
}

export type KeyedFailure = Failure<unknown> & { key: string }

export type Connection =
  | { kind: 'idle' }
  | { kind: 'connecting' }
  | { kind: 'online' }
  | { kind: 'offline'; retryAt: number; cause: StreamError }
