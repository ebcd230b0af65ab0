import { type FormEvent, type ReactElement, useState } from 'react'
import { type Colour, COLOURS, type Note } from '../notes.ts'

type Draft = Pick<Note, 'text' | 'by' | 'colour'>

export function NewNote({ pin }: { pin: (draft: Draft) => void }): ReactElement {
  const [text, setText] = useState('')
  const [by, setBy] = useState('')
  const [colour, setColour] = useState<Colour>('sun')
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (text.trim() === '') return
    pin({ text, by, colour })
    setText('')
  }
  return (
    <form className="row card" onSubmit={submit}>
      <input
        className="field"
        aria-label="Note"
        placeholder="Leave a note"
        maxLength={280}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <input
        className="field short"
        aria-label="Your name"
        placeholder="Your name"
        maxLength={40}
        value={by}
        onChange={(event) => setBy(event.target.value)}
      />
      <fieldset className="colours">
        <legend className="visually-hidden">Colour</legend>
        {COLOURS.map((each) => (
          <input
            key={each}
            type="radio"
            name="colour"
            aria-label={each}
            data-colour={each}
            checked={colour === each}
            onChange={() => setColour(each)}
          />
        ))}
      </fieldset>
      <button className="button primary">Pin it</button>
    </form>
  )
}
