import { memo, type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'
import { PartyProvider, useServerState } from '../../../src/react/index.ts'
import { HOOKS_PER_STREAM, keysOf, ownKeyOf, type SubjectName } from '../scene.ts'
import { createValue, startMemory } from './memory.ts'
import { followPeer, setPeer } from './peer.ts'
import { noteRender, noteShown } from './probe.ts'

/** The value of a key, and what sets it, as each subject has them. */
type UseValue = (key: string) => readonly [number, (value: number) => void]

function useOurs(key: string): ReturnType<UseValue> {
  const [value, setValue] = useServerState(0, key)
  return [value, (next) => setValue(next)]
}

function usePeer(key: string): ReturnType<UseValue> {
  const [value, setValue] = useState(0)
  useEffect(() => followPeer(key, setValue), [key])
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
    return [useSyncExternalStore(subscribe, getSnapshot), set]
  }
}

/** Renders the page. */
export function mount(root: Element, subject: SubjectName, prefix: string): void {
  const useValue: UseValue =
    subject === 'ours' ? useOurs : subject === 'peer' ? usePeer : memoryHook(prefix)

  const Cell = memo(({ name }: { name: string }): ReactNode => {
    const [value] = useValue(name)
    noteRender()
    useEffect(() => noteShown(value), [value])
    return <td>{value}</td>
  })

  function Field(): ReactNode {
    const [text, setText] = useState('')
    return (
      <input aria-label="Text" value={text} onChange={(event) => setText(event.target.value)} />
    )
  }

  function Counter(): ReactNode {
    const [count, setCount] = useValue(ownKeyOf(prefix))
    const add = (): void => setCount(count + 1)
    return <button onClick={add}>Count: {count}</button>
  }

  createRoot(root).render(
    <PartyProvider>
      <Field />
      <Counter />
      <table>
        <tbody>
          {keysOf(prefix).map((key) => (
            <tr key={key}>
              {Array.from({ length: HOOKS_PER_STREAM }, (_, n) => (
                <Cell key={n} name={key} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </PartyProvider>,
  )
}
