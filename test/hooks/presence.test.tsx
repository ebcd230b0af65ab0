import { act, cleanup, fireEvent, render, within } from '@testing-library/react'
import { type ReactElement, StrictMode, useState } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, expectTypeOf, it, onTestFinished, vi } from 'vitest'
import { PartyProvider } from '../../src/react/index.ts'
import { usePresence } from '../../src/react/use-presence.ts'
import { useTyping } from '../../src/react/use-typing.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { countingFetch } from './counting-fetch.ts'

afterEach(cleanup)

interface Me {
  id: string
  name: string
}

function People({ me }: { me: Me }): ReactElement {
  const { people, others, update, status } = usePresence('lobby', me)
  return (
    <section>
      <output aria-label="people">{people.map(({ state }) => state.name).join()}</output>
      <output aria-label="others">{others.map(({ state }) => state.name).join()}</output>
      <output aria-label="sessions">{people.flatMap(({ sessions }) => sessions).length}</output>
      <p>{status.kind}</p>
      <button onClick={() => update((state) => ({ ...state, name: `${state.name}!` }))}>
        Shout
      </button>
    </section>
  )
}

function Field({ me, quietMs }: { me: Me; quietMs?: number }): ReactElement {
  const { typing, setTyping, onInput, onBlur } = useTyping('lobby', me, { quietMs })
  return (
    <section>
      <output aria-label="typing">{typing.map(({ state }) => state.name).join()}</output>
      <textarea onInput={onInput} onBlur={onBlur} />
      <button onClick={() => setTyping(false)}>Send</button>
    </section>
  )
}

function openPage(children: ReactElement, serverUrl: string, fetch = countingFetch().fetch) {
  const inProvider = (children: ReactElement): ReactElement => (
    <PartyProvider serverUrl={serverUrl} fetch={fetch}>
      {children}
    </PartyProvider>
  )
  const { container, unmount, rerender } = render(inProvider(children))
  const draw = (children: ReactElement): void => rerender(inProvider(children))
  return { ...within(container), unmount, draw }
}

type Page = ReturnType<typeof openPage>

const shows = (page: Page, label: string, text: string): Promise<void> =>
  eventually(() => expect(page.getByLabelText(label).textContent).toBe(text))

const ann = { id: 'ann', name: 'Ann' }
const bob = { id: 'bob', name: 'Bob' }

describe('usePresence', () => {
  it('shows who is here, and no more who has left', async () => {
    const { url } = await startServer()
    const one = openPage(<People me={ann} />, url)
    const other = openPage(<People me={bob} />, url)
    await Promise.all([one, other].map((page) => shows(page, 'people', 'Ann,Bob')))
    await shows(one, 'others', 'Bob')
    other.unmount()
    await shows(one, 'people', 'Ann')
  })

  it('is one session and one connection for all components, in strict mode too', async () => {
    const { url } = await startServer()
    const { fetch, open, opened } = countingFetch()
    const many = (
      <StrictMode>
        <People me={ann} />
        <Field me={ann} />
        <Field me={{ ...ann }} />
      </StrictMode>
    )
    const one = openPage(many, url, fetch)
    const other = openPage(<People me={bob} />, url)
    await shows(other, 'people', 'Ann,Bob')
    await shows(other, 'sessions', '2')
    expect(open()).toBe(1)
    one.unmount()
    await shows(other, 'people', 'Bob')
    await eventually(() => expect(open()).toBe(0))
    expect(opened()).toBe(1)
  })

  it('tells a new name, and nobody leaves for that', async () => {
    const { url } = await startServer()
    const { fetch, opened } = countingFetch()
    const one = openPage(<People me={ann} />, url, fetch)
    const other = openPage(<People me={bob} />, url)
    await shows(other, 'people', 'Ann,Bob')
    const seen: string[] = []
    const observer = new MutationObserver(() =>
      seen.push(other.getByLabelText('others').textContent!),
    )
    observer.observe(other.getByLabelText('others'), {
      subtree: true,
      characterData: true,
      childList: true,
    })
    one.draw(<People me={{ ...ann, name: 'Anne' }} />)
    await shows(other, 'others', 'Anne')
    await shows(other, 'sessions', '2')
    expect(seen).not.toContain('')
    expect(opened()).toBe(1)
    observer.disconnect()
  })

  it('keeps what update told when something else changes, or another component comes', async () => {
    const { url } = await startServer()
    function App({ title }: { title: string }): ReactElement {
      const [isMore, showMore] = useState(false)
      const me = { id: 'ann', name: 'Ann', title }
      return (
        <>
          <People me={me} />
          <button onClick={() => showMore(true)}>More</button>
          {isMore && <Field me={me} />}
        </>
      )
    }
    const one = openPage(<App title="" />, url)
    const other = openPage(<People me={bob} />, url)
    await shows(other, 'others', 'Ann')
    fireEvent.click(one.getByText('Shout'))
    await shows(other, 'others', 'Ann!')
    fireEvent.click(one.getByText('More'))
    one.draw(<App title="Dr" />)
    await shows(one, 'people', 'Ann!,Bob')
    fireEvent.click(one.getByText('Shout'))
    await shows(other, 'others', 'Ann!!')
  })

  it('lets one person go and another come when the id changes', async () => {
    const { url } = await startServer()
    const one = openPage(<People me={ann} />, url)
    const other = openPage(<People me={bob} />, url)
    await shows(other, 'people', 'Ann,Bob')
    one.draw(<People me={{ id: 'cid', name: 'Cid' }} />)
    await shows(other, 'people', 'Bob,Cid')
  })

  it('shows nobody in the markup of a server, which the page takes over as it is', async () => {
    const { url } = await startServer()
    const { fetch, opened } = countingFetch()
    const page = (
      <PartyProvider serverUrl={url} fetch={fetch}>
        <People me={ann} />
        <Field me={ann} />
      </PartyProvider>
    )
    const container = document.body.appendChild(document.createElement('div'))
    container.innerHTML = renderToString(page)
    expect(container.querySelector('output')!.textContent).toBe('')
    expect(opened()).toBe(0)
    const onRecoverableError = vi.fn<(error: unknown) => void>()
    const root = await act(() => hydrateRoot(container, page, { onRecoverableError }))
    onTestFinished(() => act(() => root.unmount()))
    await eventually(() => expect(container.querySelector('output')!.textContent).toBe('Ann'))
    expect(onRecoverableError).not.toHaveBeenCalled()
  })

  it('knows the types of what is told', () => {
    function Typed(): null {
      const { others, update } = usePresence('lobby', { id: 'ann', cursor: { x: 1 } })
      expectTypeOf(others[0]!.state.cursor).toEqualTypeOf<{ x: number }>()
      expectTypeOf(others[0]!.state.isTyping).toEqualTypeOf<boolean | undefined>()
      const wrong = (): void => {
        // @ts-expect-error -- no such cursor
        update({ cursor: 'left' })
      }
      expect(wrong).toBeTypeOf('function')
      return null
    }
    expect(Typed).toBeTypeOf('function')
  })
})

describe('useTyping', () => {
  const type = (page: Page, value: string): boolean =>
    fireEvent.input(page.getByRole('textbox'), { target: { value } })

  it('tells others who types, until the field is left, or empty, or the message sent', async () => {
    const { url } = await startServer()
    const one = openPage(<Field me={ann} quietMs={60_000} />, url)
    const other = openPage(<Field me={bob} />, url)
    const ends = [
      () => fireEvent.blur(one.getByRole('textbox')),
      () => type(one, ''),
      () => fireEvent.click(one.getByText('Send')),
      () => one.unmount(),
    ]
    for (const end of ends) {
      type(one, 'Hello')
      await shows(other, 'typing', 'Ann')
      end()
      await shows(other, 'typing', '')
    }
  })

  it('ends by itself after a while without a word', async () => {
    const { url } = await startServer()
    const one = openPage(<Field me={ann} quietMs={300} />, url)
    const other = openPage(<Field me={bob} />, url)
    let text = ''
    await eventually(() => {
      type(one, (text += 'a'))
      expect(other.getByLabelText('typing').textContent).toBe('Ann')
    })
    await shows(other, 'typing', '')
  })

  it('shows only others, and goes on while one of two fields is typed in', async () => {
    const { url } = await startServer()
    const two = (me: Me): ReactElement => (
      <>
        <Field me={me} quietMs={60_000} />
        <Field me={me} quietMs={60_000} />
      </>
    )
    const one = openPage(two(ann), url)
    const other = openPage(<Field me={bob} />, url)
    const [first, second] = one.getAllByRole('textbox')
    fireEvent.input(first!, { target: { value: 'a' } })
    fireEvent.input(second!, { target: { value: 'b' } })
    await shows(other, 'typing', 'Ann')
    for (const own of one.getAllByLabelText('typing')) expect(own.textContent).toBe('')
    fireEvent.blur(first!)
    one.draw(two({ ...ann, name: 'Anne' }))
    await shows(other, 'typing', 'Anne')
    fireEvent.blur(second!)
    await shows(other, 'typing', '')
  })
})
