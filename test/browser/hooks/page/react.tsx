import { Fragment, type ReactNode, StrictMode, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'
import {
  PartyProvider,
  type ServerStateMeta,
  useServerReducer,
  useServerState,
} from '../../../../src/react/index.ts'
import { nextWord, type Probe, setStage } from './stage.ts'

interface ShownProps {
  name: string
  value: unknown
  meta: ServerStateMeta<never>
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
      <button onClick={act}>Add</button>
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

function ProbeOf({ kind, key: name }: Probe): ReactNode {
  if (kind === 'counter') return <Counter name={name} />
  return <Words name={name} />
}

const stage = setStage()

function App(): ReactNode {
  const { probes, isStrict } = useSyncExternalStore(stage.subscribe, stage.getSnapshot)
  const Mode = isStrict ? StrictMode : Fragment
  return (
    <Mode>
      <PartyProvider>
        {probes.map((probe, index) => (
          <Fragment key={index}>{ProbeOf(probe)}</Fragment>
        ))}
      </PartyProvider>
    </Mode>
  )
}

createRoot(document.querySelector('main')!).render(<App />)
