import {
  Component,
  Fragment,
  type ReactNode,
  StrictMode,
  Suspense,
  useSyncExternalStore,
} from 'react'
import { createRoot } from 'react-dom/client'
import {
  HydrationBoundary,
  PartyProvider,
  type ServerStateMeta,
  useConnectionStatus,
  useFailures,
  useServerReducer,
  useServerState,
  useServerStateSuspense,
} from '../../../../src/react/index.ts'
import { nextWord, type Probe, setStage } from './stage.ts'

interface ShownProps {
  name: string
  value: unknown
  meta: ServerStateMeta<unknown>
  act: () => void
}

function Shown({ name, value, meta, act }: ShownProps): ReactNode {
  return (
    <section aria-label={name}>
      <output aria-label="Value" data-key={name}>
        {String(value)}
      </output>
      <output aria-label="Status">{meta.status.kind}</output>
      <output aria-label="Pending">{meta.pending}</output>
      <output aria-label="Loaded">{String(meta.isLoaded)}</output>
      <button onClick={act}>Add</button>
      <button onClick={meta.reset}>Reset</button>
    </section>
  )
}

function Counter({ name }: { name: string }): ReactNode {
  const [count, setCount, meta] = useServerState(0, name)
  return <Shown name={name} value={count} meta={meta} act={() => setCount((n) => n + 1)} />
}

const addWord = (words: readonly string[], word: string): readonly string[] => [...words, word]

function Words({ name }: { name: string }): ReactNode {
  const [words, dispatch, meta] = useServerReducer(addWord, [], name)
  const act = (): void => dispatch(nextWord())
  return <Shown name={name} value={words.join(' ')} meta={meta} act={act} />
}

function Waiting({ name }: { name: string }): ReactNode {
  const [count, setCount, meta] = useServerStateSuspense(0, name)
  return <Shown name={name} value={count} meta={meta} act={() => setCount((n) => n + 1)} />
}

class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {}
  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error }
  }
  override render(): ReactNode {
    const { error } = this.state
    return error ? <p role="alert">{error.message}</p> : this.props.children
  }
}

function ProbeOf({ kind, key: name }: Probe): ReactNode {
  if (kind === 'counter') return <Counter name={name} />
  if (kind === 'words') return <Words name={name} />
  return (
    <Boundary>
      <Suspense fallback={<p>Loading</p>}>
        <Waiting name={name} />
      </Suspense>
    </Boundary>
  )
}

function Health(): ReactNode {
  const connection = useConnectionStatus()
  const failures = useFailures()
  return (
    <>
      <output aria-label="Connection">{connection.kind}</output>
      <ul aria-label="Failures">
        {failures.map((failure) => (
          <li key={failure.id}>
            {failure.key}: {failure.error.message}
            <button onClick={failure.retry}>Retry</button>
            <button onClick={failure.dismiss}>Dismiss</button>
          </li>
        ))}
      </ul>
    </>
  )
}

const stage = setStage()

function App(): ReactNode {
  const { probes, isStrict } = useSyncExternalStore(stage.subscribe, stage.getSnapshot)
  const Mode = isStrict ? StrictMode : Fragment
  return (
    <Mode>
      <PartyProvider>
        <HydrationBoundary data={window.dehydrated}>
          <Health />
          {probes.map((probe, index) => (
            <Fragment key={index}>{ProbeOf(probe)}</Fragment>
          ))}
        </HydrationBoundary>
      </PartyProvider>
    </Mode>
  )
}

// What a boundary catches is shown there; React would write it to the console as well.
const options = { onCaughtError: () => undefined }
createRoot(document.querySelector('main')!, options).render(<App />)
