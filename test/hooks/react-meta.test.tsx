import { memo, type ReactElement, StrictMode } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PartyProvider, type ServerStateMeta, useServerState } from '../../src/react/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { expectSilentConsole } from './silent-console.ts'

async function show(page: ReactElement, isStrict = false): Promise<HTMLElement> {
  const { url: serverUrl } = await startServer()
  const container = document.body.appendChild(document.createElement('div'))
  const root = createRoot(container)
  onTestFinished(() => {
    flushSync(() => root.unmount())
    container.remove()
  })
  const fetch: typeof globalThis.fetch = (...request) => globalThis.fetch(...request)
  const whole = (
    <PartyProvider serverUrl={serverUrl} fetch={fetch}>
      {page}
    </PartyProvider>
  )
  flushSync(() => root.render(isStrict ? <StrictMode>{whole}</StrictMode> : whole))
  return container
}

type Meta = ServerStateMeta<number>

describe('meta', () => {
  expectSilentConsole()

  it('of a copy counts as read, every field of it', async () => {
    function Copier(): ReactElement {
      const [, , meta] = useServerState(0, 'count')
      const copy: Meta = { ...meta }
      return (
        <p title={Object.keys(copy).toSorted().join()}>
          {copy.status.kind}, {copy.pending} pending
        </p>
      )
    }
    const page = await show(<Copier />)
    const shown = page.querySelector('p')
    expect(shown?.title).toBe('error,failures,isLoaded,offset,pending,reset,status')
    await eventually(() => expect(shown?.textContent).toBe('live, 0 pending'))
  })

  it.each([false, true])(
    'that a memoized child reads renders that child, in strict mode: %s',
    async (isStrict) => {
      const Status = memo(({ meta }: { meta: Meta }) => <p>{meta.status.kind}</p>)
      function Parent(): ReactElement {
        const [count, setCount, meta] = useServerState(0, 'count')
        return (
          <button onClick={() => setCount(count + 1)}>
            <Status meta={meta} />
          </button>
        )
      }
      const page = await show(<Parent />, isStrict)
      await eventually(() => expect(page.querySelector('p')?.textContent).toBe('live'))
    },
  )

  it('is the same object while nothing changed that was read', async () => {
    const seen = new Set<Meta>()
    const note = (meta: Meta): number => seen.add(meta).size
    function Watcher({ times }: { times: number }): ReactElement {
      const [, , meta] = useServerState(0, 'count')
      return <p title={String(times)}>{note(meta)}</p>
    }
    const { url: serverUrl } = await startServer()
    const container = document.createElement('div')
    const root = createRoot(container)
    onTestFinished(() => flushSync(() => root.unmount()))
    const draw = (times: number): void =>
      flushSync(() =>
        root.render(
          <PartyProvider serverUrl={serverUrl} fetch={(...request) => fetch(...request)}>
            <Watcher times={times} />
            <Live />
          </PartyProvider>,
        ),
      )
    draw(0)
    await eventually(() => expect(container.querySelector('i')?.textContent).toBe('live'))
    draw(1)
    expect(container.querySelector('p')?.title).toBe('1')
    expect(seen.size).toBe(1)
  })

  it('is in a handler what it is then, for a component that has not rendered for it', async () => {
    const read: string[] = []
    let renders = 0
    function Asker(): ReactElement {
      renders++
      const [, , meta] = useServerState(0, 'count')
      return <button onClick={() => read.push(meta.status.kind)}>Ask</button>
    }
    const page = await show(
      <>
        <Asker />
        <Live />
      </>,
    )
    await eventually(() => expect(page.querySelector('i')?.textContent).toBe('live'))
    expect(renders).toBe(1)
    page.querySelector('button')?.click()
    expect(read).toEqual(['live'])
  })
})

function Live(): ReactElement {
  const [, , { status }] = useServerState(0, 'count')
  return <i>{status.kind}</i>
}
