import type { ReactNode } from 'react'
import { filterTodos, type Todo, type TodoAction, type TodoFilter } from './reducer.ts'

const FILTERS: { filter: TodoFilter; label: string }[] = [
  { filter: 'all', label: 'All' },
  { filter: 'open', label: 'Open' },
  { filter: 'done', label: 'Done' },
]

interface TodoFooterProps {
  todos: Todo[]
  filter: TodoFilter
  onFilter: (filter: TodoFilter) => void
  dispatch: (action: TodoAction) => void
}

export function TodoFooter({ todos, filter, onFilter, dispatch }: TodoFooterProps): ReactNode {
  const open = filterTodos(todos, 'open').length
  const done = todos.length - open
  return (
    <div className="todo-footer">
      <p role="status" aria-label="Todo count">
        {open} open, {done} done
      </p>
      <fieldset className="segments">
        <legend className="visually-hidden">Show</legend>
        {FILTERS.map((choice) => (
          <label key={choice.filter}>
            <input
              type="radio"
              name="todo-filter"
              checked={choice.filter === filter}
              onChange={() => onFilter(choice.filter)}
            />
            {choice.label}
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        className="quiet-button"
        disabled={done === 0}
        onClick={() => dispatch({ type: 'clear-done' })}
      >
        Clear done
      </button>
    </div>
  )
}
