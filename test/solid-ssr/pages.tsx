/** @jsxImportSource solid-js */
import { createResource, For, type JSX, Suspense } from 'solid-js'
import {
  HydrationBoundary,
  type HydrationData,
  PartyProvider,
  useConnectionStatus,
  useFailures,
  useServerReducer,
  useServerReducerSuspense,
  useServerState,
  useServerStateSuspense,
  useStreamStatus,
} from '../../src/solid/index.ts'

export interface PageProps {
  serverUrl: string
  fetch?: typeof globalThis.fetch | undefined
  headers?: Readonly<Record<string, string>> | undefined
  data?: HydrationData
}

function Page(props: PageProps & { children: JSX.Element }): JSX.Element {
  return (
    <PartyProvider {...props}>
      <HydrationBoundary data={props.data}>
        <main>{props.children}</main>
      </HydrationBoundary>
    </PartyProvider>
  )
}

/** One value, and how it is. */
export function CounterPage(props: PageProps): JSX.Element {
  return (
    <Page {...props}>
      <Counter />
    </Page>
  )
}

function Counter(): JSX.Element {
  const [count, setCount, meta] = useServerState(0, 'counter')
  const [isMany] = useServerState(0, 'counter', { select: (count) => count > 5 })
  return (
    <button title={meta.isLoaded ? 'loaded' : 'initial'} onClick={() => setCount((n) => n + 1)}>
      Count: {count()}, {isMany() ? 'many' : 'few'}
    </button>
  )
}

interface Todo {
  id: string
  text: string
}

export function addTodo(todos: readonly Todo[], todo: Todo): readonly Todo[] {
  return [...todos, todo]
}

/** The state of a reducer, as rows. */
export function TodosPage(props: PageProps): JSX.Element {
  return (
    <Page {...props}>
      <Todos />
    </Page>
  )
}

function Todos(): JSX.Element {
  const [todos] = useServerReducer(addTodo, [], 'todos')
  return (
    <ul>
      <For each={todos()}>{(todo) => <li>{todo.text}</li>}</For>
    </ul>
  )
}

export interface LoadingPageProps extends Omit<PageProps, 'data'> {
  load: () => Promise<HydrationData>
}

/** Waits for what it brings along, as with the loader of a route. */
export function LoadingPage(props: LoadingPageProps): JSX.Element {
  const [data] = createResource(() => props.load())
  return (
    <main>
      <Suspense fallback={<p>Please wait</p>}>
        <Page {...props} data={data()}>
          <Counter />
        </Page>
      </Suspense>
    </main>
  )
}

/** Waits for its states. */
export function WaitingPage(props: PageProps): JSX.Element {
  return (
    <Page {...props}>
      <Suspense fallback={<p>Please wait</p>}>
        <WaitingCounter />
      </Suspense>
    </Page>
  )
}

function WaitingCounter(): JSX.Element {
  const [count, setCount] = useServerStateSuspense(0, 'counter')
  const [todos] = useServerReducerSuspense(addTodo, [], 'todos')
  return (
    <button onClick={() => setCount((n) => n + 1)}>
      Count: {count()}, {todos().length} to do
    </button>
  )
}

/** Waits below the component that has the hook. */
export function LatePage(props: PageProps): JSX.Element {
  return (
    <Page {...props}>
      <Late />
    </Page>
  )
}

function Late(): JSX.Element {
  const [count, , meta] = useServerStateSuspense(0, 'counter')
  return (
    <>
      <h1>{meta.isLoaded ? 'loaded' : 'loading'}</h1>
      <Suspense fallback={<p>Please wait</p>}>
        <b>{count()}</b>
      </Suspense>
    </>
  )
}

/** How everything is. */
export function OverviewPage(props: PageProps): JSX.Element {
  return (
    <Page {...props}>
      <Overview />
    </Page>
  )
}

function Overview(): JSX.Element {
  const [, , meta] = useServerState(0, 'counter')
  const connection = useConnectionStatus()
  const failures = useFailures()
  const status = useStreamStatus('counter')
  return (
    <p>
      {connection().kind}, {status().kind}, {meta.status.kind}, {failures().length} failures
    </p>
  )
}
