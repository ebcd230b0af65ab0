import { createSignal, For, type JSX } from 'solid-js'
import { type Colour, COLOURS, type Note } from '../../door/notes.ts'

type Draft = Pick<Note, 'text' | 'by' | 'colour'>

export function NewNote(props: { pin: (draft: Draft) => void }): JSX.Element {
  const [text, setText] = createSignal('')
  const [by, setBy] = createSignal('')
  const [colour, setColour] = createSignal<Colour>('sun')
  function submit(event: SubmitEvent): void {
    event.preventDefault()
    if (text().trim() === '') return
    props.pin({ text: text(), by: by(), colour: colour() })
    setText('')
  }
  return (
    <form class="row card" onSubmit={submit}>
      <input
        class="field"
        aria-label="Note"
        placeholder="Leave a note"
        maxLength={280}
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <input
        class="field short"
        aria-label="Your name"
        placeholder="Your name"
        maxLength={40}
        value={by()}
        onInput={(event) => setBy(event.currentTarget.value)}
      />
      <fieldset class="colours">
        <legend class="visually-hidden">Colour</legend>
        <For each={COLOURS}>
          {(each) => (
            <input
              type="radio"
              name="colour"
              aria-label={each}
              data-colour={each}
              checked={colour() === each}
              onChange={() => setColour(each)}
            />
          )}
        </For>
      </fieldset>
      <button class="button primary">Pin it</button>
    </form>
  )
}
