import { useState, type FormEvent, type ReactNode } from 'react'
import { MAX_NAME } from './schema.ts'

interface RenameProps {
  name: string
  onRename: (name: string) => void
}

export function Rename({ name, onRename }: RenameProps): ReactNode {
  const [text, setText] = useState(name)
  const wanted = text.trim()

  function save(event: FormEvent): void {
    event.preventDefault()
    if (wanted !== '' && wanted !== name) onRename(wanted)
  }
  return (
    <form className="rename" onSubmit={save}>
      <label htmlFor="your-name">Your name</label>
      <div>
        <input
          id="your-name"
          className="field"
          autoComplete="nickname"
          maxLength={MAX_NAME}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button
          type="submit"
          className="button"
          aria-label="Save name"
          disabled={wanted === '' || wanted === name}
        >
          Save
        </button>
      </div>
    </form>
  )
}
