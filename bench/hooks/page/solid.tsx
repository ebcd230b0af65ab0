/** @jsxImportSource solid-js */
import { type Accessor, createSignal, For, type JSX, onCleanup } from 'solid-js'
import { render } from 'solid-js/web'
import { PartyProvider, useServerState } from '../../../src/solid/index.ts'
import { HOOKS_PER_STREAM, keysOf, ownKeyOf, type SubjectName } from '../scene.ts'
import { createValue, startMemory } from './memory.ts'
import { followPeer, setPeer } from './peer.ts'
import { noteRender, noteShown } from './probe.ts'

/** The value of a key, and what sets it, as each subject has them. */
type UseValue = (key: string) => readonly [Accessor<number>, (value: number) => void]

function useOurs(key: string): ReturnType<UseValue> {
  const [value, setValue] = useServerState(0, key)
  return [value, (next) => setValue(next)]
}

function usePeer(key: string): ReturnType<UseValue> {
  const [value, setValue] = createSignal(0)
  onCleanup(followPeer(key, setValue))
  return [
    value,
    (next) => {
      setValue(next)
      void setPeer(key, next)
    },
  ]
}

function memoryHook(prefix: string): UseValue {
  const values = startMemory(prefix)
  const own = createValue()
  return (key) => {
    const { subscribe, getSnapshot, set } = values.get(key) ?? own
    const [value, setValue] = createSignal(getSnapshot())
    onCleanup(subscribe(() => setValue(getSnapshot())))
    return [value, set]
  }
}

/** Renders the page. */
export function mount(root: Element, subject: SubjectName, prefix: string): void {
  const useValue: UseValue =
    subject === 'ours' ? useOurs : subject === 'peer' ? usePeer : memoryHook(prefix)

  function Cell(props: { name: string }): JSX.Element {
    const [value] = useValue(props.name)
    const shown = (): number => {
      noteRender()
      noteShown(value())
      return value()
    }
    return <td>{shown()}</td>
  }

  function Field(): JSX.Element {
    const [text, setText] = createSignal('')
    return (
      <input
        aria-label="Text"
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    )
  }

  function Counter(): JSX.Element {
    const [count, setCount] = useValue(ownKeyOf(prefix))
    const add = (): void => setCount(count() + 1)
    return <button onClick={add}>Count: {count()}</button>
  }

  const columns = Array.from({ length: HOOKS_PER_STREAM }, (_, n) => n)
  render(
    () => (
      <PartyProvider>
        <Field />
        <Counter />
        <table>
          <tbody>
            <For each={keysOf(prefix)}>
              {(key) => (
                <tr>
                  <For each={columns}>{() => <Cell name={key} />}</For>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </PartyProvider>
    ),
    root,
  )
}
