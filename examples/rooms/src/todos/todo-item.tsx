import {
  useState,
  type FormEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react'
import type { Todo, TodoAction } from './reducer.ts'

interface TodoItemProps {
  todo: Todo
  dispatch: (action: TodoAction) => void
}

export function TodoItem({ todo, dispatch }: TodoItemProps): ReactNode {
  const { id, text, done } = todo
  const [mode, setMode] = useState<'untouched' | 'editing' | 'edited'>('untouched')

  function save(edited: string): void {
    setMode('edited')
    if (edited !== '' && edited !== text) dispatch({ type: 'edit', id, text: edited })
  }
  if (mode === 'editing') {
    return (
      <li>
        <EditTodo text={text} onSave={save} onCancel={() => setMode('edited')} />
      </li>
    )
  }
  function remove(event: MouseEvent): void {
    focusNeighbour(event.currentTarget.closest('li'))
    dispatch({ type: 'remove', id })
  }
  return (
    <li data-done={done}>
      <label className="todo-check">
        <input
          type="checkbox"
          checked={done}
          onChange={(event) => dispatch({ type: 'mark', id, done: event.target.checked })}
        />
        <span>{text}</span>
      </label>
      <button
        type="button"
        className="quiet-button"
        aria-label={`Edit ${text}`}
        autoFocus={mode === 'edited'}
        onClick={() => setMode('editing')}
      >
        Edit
      </button>
      <button type="button" className="quiet-button" aria-label={`Remove ${text}`} onClick={remove}>
        Remove
      </button>
    </li>
  )
}

/** Keeps a keyboard user in the list when the focused row goes. */
function focusNeighbour(row: HTMLLIElement | null): void {
  const neighbour = row?.nextElementSibling ?? row?.previousElementSibling
  const target = neighbour?.querySelector('input') ?? document.getElementById('new-todo')
  target?.focus()
}

interface EditTodoProps {
  text: string
  onSave: (text: string) => void
  onCancel: () => void
}

function EditTodo({ text, onSave, onCancel }: EditTodoProps): ReactNode {
  const [edited, setEdited] = useState(text)

  function submit(event: FormEvent): void {
    event.preventDefault()
    onSave(edited.trim())
  }
  function cancelOnEscape(event: KeyboardEvent): void {
    if (event.key === 'Escape') onCancel()
  }
  return (
    <form className="todo-edit" onSubmit={submit}>
      <input
        className="field"
        aria-label={`New text for ${text}`}
        autoFocus
        maxLength={200}
        value={edited}
        onChange={(event) => setEdited(event.target.value)}
        onKeyDown={cancelOnEscape}
      />
      <button type="submit" className="button primary">
        Save
      </button>
      <button type="button" className="button" onClick={onCancel}>
        Cancel
      </button>
    </form>
  )
}
