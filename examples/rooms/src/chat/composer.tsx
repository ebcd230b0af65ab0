import { useState, type FormEvent, type ReactNode } from 'react'
import { MAX_TEXT } from './schema.ts'

export function Composer({ onSend }: { onSend: (text: string) => void }): ReactNode {
  const [text, setText] = useState('')

  function send(event: FormEvent): void {
    event.preventDefault()
    if (text.trim() === '') return
    onSend(text.trim())
    setText('')
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
      />
      <button type="submit" className="button primary">
        Send
      </button>
    </form>
  )
}
