import { useState, type FormEvent, type ReactNode } from 'react'
import { useTyping } from 'streamwell/react'
import type { Person } from './person.ts'
import { ROOM_KEY } from './room.ts'
import { MAX_TEXT } from './schema.ts'

interface ComposerProps {
  me: Person
  onSend: (text: string) => void
}

export function Composer({ me, onSend }: ComposerProps): ReactNode {
  const [text, setText] = useState('')
  const { setTyping, onInput, onBlur } = useTyping(ROOM_KEY, me)

  function send(event: FormEvent): void {
    event.preventDefault()
    if (text.trim() === '') return
    onSend(text.trim())
    setText('')
    setTyping(false)
  }
  return (
    <form className="composer" onSubmit={send}>
      <label className="visually-hidden" htmlFor="message">
        Message
      </label>
      <input
        id="message"
        className="field"
        placeholder="Write to everyone in the room"
        autoComplete="off"
        maxLength={MAX_TEXT}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onInput={onInput}
        onBlur={onBlur}
      />
      <button type="submit" className="button primary">
        Send
      </button>
    </form>
  )
}
