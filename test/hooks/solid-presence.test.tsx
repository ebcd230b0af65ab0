/** @jsxImportSource solid-js */
import { createSignal, type JSX } from 'solid-js'
import { describe, expect, it } from 'vitest'
import { usePresence, useTyping } from '../../src/solid/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { countingFetch } from './counting-fetch.ts'
import { fireEvent, openPage, type SolidPage } from './solid-page.tsx'

interface Me {
  id: string
  name: string
}

function People(props: { me: Me }): JSX.Element {
  const room = usePresence('lobby', () => props.me)
  const shout = (): void => room.update((state) => ({ ...state, name: `${state.name}!` }))
  return (
    <section>
      <output aria-label="people">{room.people.map(({ state }) => state.name).join()}</output>
      <output aria-label="others">{room.others.map(({ state }) => state.name).join()}</output>
      <output aria-label="sessions">
        {room.people.flatMap(({ sessions }) => sessions).length}
      </output>
      <p>{room.status.kind}</p>
      <button onClick={shout}>Shout</button>
    </section>
  )
}

function Field(props: { me: Me }): JSX.Element {
  const room = useTyping('lobby', () => props.me, { quietMs: 60_000 })
  return (
    <section>
      <output aria-label="typing">{room.typing.map(({ state }) => state.name).join()}</output>
      <textarea onInput={room.onInput} onBlur={room.onBlur} />
      <button onClick={() => room.setTyping(false)}>Send</button>
    </section>
  )
}

const shows = (page: SolidPage, label: string, text: string): Promise<void> =>
  eventually(() => expect(page.getByLabelText(label).textContent).toBe(text))

const ann = { id: 'ann', name: 'Ann' }
const bob = { id: 'bob', name: 'Bob' }

describe('usePresence of Solid', () => {
  it('shows who is here as one session for all components, and no more who has left', async () => {
    const { url } = await startServer()
    const { fetch, open, opened } = countingFetch()
    const all = (): JSX.Element => (
      <>
        <People me={ann} />
        <Field me={ann} />
        <Field me={{ ...ann }} />
      </>
    )
    const one = openPage(all, url, fetch)
    const other = openPage(() => <People me={bob} />, url)
    await Promise.all([one, other].map((page) => shows(page, 'people', 'Ann,Bob')))
    await shows(other, 'sessions', '2')
    expect(open()).toBe(1)
    one.unmount()
    await shows(other, 'people', 'Bob')
    await eventually(() => expect(open()).toBe(0))
    expect(opened()).toBe(1)
  })

  it('tells a new name, keeps what update told, and nobody leaves for that', async () => {
    const { url } = await startServer()
    const { fetch, opened } = countingFetch()
    const [me, setMe] = createSignal<Me & { title?: string }>(ann)
    const one = openPage(() => <People me={me()} />, url, fetch)
    const other = openPage(() => <People me={bob} />, url)
    await shows(other, 'others', 'Ann')
    setMe({ ...ann, name: 'Anne' })
    await shows(other, 'others', 'Anne')
    fireEvent.click(one.getByText('Shout'))
    setMe({ ...ann, name: 'Anne', title: 'Dr' })
    await shows(other, 'others', 'Anne!')
    await shows(other, 'sessions', '2')
    expect(opened()).toBe(1)
    setMe({ id: 'cid', name: 'Cid' })
    await shows(other, 'people', 'Bob,Cid')
  })
})

describe('useTyping of Solid', () => {
  it('tells others who types, until the field is left, or empty, or the message sent', async () => {
    const { url } = await startServer()
    const one = openPage(() => <Field me={ann} />, url)
    const other = openPage(() => <Field me={bob} />, url)
    const field = one.getByRole('textbox')
    const type = (value: string): boolean => fireEvent.input(field, { target: { value } })
    const ends = [
      () => fireEvent.blur(field),
      () => type(''),
      () => fireEvent.click(one.getByText('Send')),
      () => one.unmount(),
    ]
    for (const end of ends) {
      type('Hello')
      await shows(other, 'typing', 'Ann')
      expect(one.getByLabelText('typing').textContent).toBe('')
      end()
      await shows(other, 'typing', '')
    }
  })
})
