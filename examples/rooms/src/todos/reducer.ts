export interface Todo {
  id: string
  text: string
  done: boolean
}

/**
 * Whatever could differ from reader to reader (ids, times, chance) is made by the sender and
 * travels in the action: everyone who folds the same actions gets the same list.
 */
export type TodoAction =
  | { type: 'add'; id: string; text: string }
  | { type: 'edit'; id: string; text: string }
  | { type: 'mark'; id: string; done: boolean }
  | { type: 'remove'; id: string }
  | { type: 'clear-done' }

/** The list after `action`. An action on a todo that is gone changes nothing. */
export function todoReducer(todos: Todo[], action: TodoAction): Todo[] {
  switch (action.type) {
    case 'add':
      if (todos.some(({ id }) => id === action.id)) return todos
      return [...todos, { id: action.id, text: action.text, done: false }]
    case 'edit':
      return change(todos, action.id, { text: action.text })
    case 'mark':
      return change(todos, action.id, { done: action.done })
    case 'remove':
      return todos.filter(({ id }) => id !== action.id)
    case 'clear-done':
      return todos.filter(({ done }) => !done)
    default:
      action satisfies never
      return todos // written by a newer version of this page: not ours to understand
  }
}

function change(todos: Todo[], id: string, changes: Partial<Todo>): Todo[] {
  return todos.map((todo) => (todo.id === id ? { ...todo, ...changes } : todo))
}

export type TodoFilter = 'all' | 'open' | 'done'

export function filterTodos(todos: Todo[], filter: TodoFilter): Todo[] {
  if (filter === 'all') return todos
  return todos.filter(({ done }) => done === (filter === 'done'))
}
