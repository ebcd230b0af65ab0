/** @jsxImportSource solid-js */
import {
  type Accessor,
  createSignal,
  ErrorBoundary,
  For,
  Index,
  type JSX,
  Match,
  Suspense,
  Switch,
} from 'solid-js'
import { render } from 'solid-js/web'
import {
  HydrationBoundary,
  PartyProvider,
  type ServerStateMeta,
  useConnectionStatus,
  useFailures,
  useServerReducer,
  useServerState,
  useServerStateSuspense,
} from '../../../../src/solid/index.ts'
import { nextWord, type Probe, setStage } from './stage.ts'

interface ProbeProps {
  name: string
}

interface ShownProps extends ProbeProps {
  value: unknown
  meta: ServerStateMeta<unknown>
  act: () => void
}

function Shown(props: ShownProps): JSX.Element {
  return (
    <section aria-label={props.name}>
      <output aria-label="Value" data-key={props.name}>
        {String(props.value)}
      </output>
      <output aria-label="Status">{props.meta.status.kind}</output>
      <output aria-label="Pending">{props.meta.pending}</output>
      <output aria-label="Loaded">{String(props.meta.isLoaded)}</output>
      <button onClick={() => props.act()}>Add</button>
      <button onClick={() => props.meta.reset()}>Reset</button>
    </section>
  )
}

function Counter(props: ProbeProps): JSX.Element {
  const [count, setCount, meta] = useServerState(0, () => props.name)
  const act = (): void => setCount((n) => n + 1)
  return <Shown name={props.name} value={count()} meta={meta} act={act} />
}

const addWord = (words: readonly string[], word: string): readonly string[] => [...words, word]

function Words(props: ProbeProps): JSX.Element {
  const [words, dispatch, meta] = useServerReducer(addWord, [], () => props.name)
  const act = (): void => dispatch(nextWord())
  return <Shown name={props.name} value={words().join(' ')} meta={meta} act={act} />
}

function Waiting(props: ProbeProps): JSX.Element {
  const [count, setCount, meta] = useServerStateSuspense(0, () => props.name)
  const act = (): void => setCount((n) => n + 1)
  return <Shown name={props.name} value={count()} meta={meta} act={act} />
}

function alertOf(error: Error): JSX.Element {
  return <p role="alert">{error.message}</p>
}

function ProbeOf(props: { probe: Accessor<Probe> }): JSX.Element {
  const is = (kind: Probe['kind']): boolean => props.probe().kind === kind
  const name = (): string => props.probe().key
  return (
    <Switch>
      <Match when={is('counter')}>
        <Counter name={name()} />
      </Match>
      <Match when={is('words')}>
        <Words name={name()} />
      </Match>
      <Match when={is('waiting')}>
        <ErrorBoundary fallback={alertOf}>
          <Suspense fallback={<p>Loading</p>}>
            <Waiting name={name()} />
          </Suspense>
        </ErrorBoundary>
      </Match>
    </Switch>
  )
}

function Health(): JSX.Element {
  const connection = useConnectionStatus()
  const failures = useFailures()
  return (
    <>
      <output aria-label="Connection">{connection().kind}</output>
      <ul aria-label="Failures">
        <For each={failures()}>
          {(failure) => (
            <li>
              {failure.key}: {failure.error.message}
              <button onClick={() => failure.retry()}>Retry</button>
              <button onClick={() => failure.dismiss()}>Dismiss</button>
            </li>
          )}
        </For>
      </ul>
    </>
  )
}

const stage = setStage()

function App(): JSX.Element {
  const [scene, setScene] = createSignal(stage.getSnapshot())
  stage.subscribe(() => setScene(stage.getSnapshot()))
  return (
    <PartyProvider>
      <HydrationBoundary data={window.dehydrated}>
        <Health />
        <Index each={scene().probes}>{(probe) => <ProbeOf probe={probe} />}</Index>
      </HydrationBoundary>
    </PartyProvider>
  )
}

render(() => <App />, document.querySelector('main')!)
