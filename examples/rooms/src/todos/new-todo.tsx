import { useState, type FormEvent, type ReactNode } from 'react'
import { newId } from '../shell/new-id.ts'

export function NewTodo({ onAdd }: { onAdd: (id: string, text: string) => void }): ReactNode {
  const [text, setText] = useState('')

  function add(event: FormEvent): void {
    event.preventDefault()
    if (text.trim() === '') return
    onAdd(newId(), text.trim())
    setText('')
  }
  return (
    <form className="todo-form" onSubmit={add}>
      <label className="visually-hidden" htmlFor="new-todo">
        New todo
      </label>
      <input
        id="new-todo"
        className="field"
        placeholder="What is to be done?"
        autoComplete="off"
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="button primary">
        Add
      </button>
    </form>
  )
}
