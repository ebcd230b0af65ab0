import { useState, type ReactNode } from 'react'
import { useServerReducer } from 'streamwell/react'
import { useReportStatus } from '../shell/connection.tsx'
import { PageHeading } from '../shell/page-heading.tsx'
import { PendingLine } from '../shell/pending-line.tsx'
import { NewTodo } from './new-todo.tsx'
import { filterTodos, todoReducer, type Todo, type TodoFilter } from './reducer.ts'
import { TodoFooter } from './todo-footer.tsx'
import { TodoItem } from './todo-item.tsx'
import '../styles/todos.css'

const NOTHING_YET: Todo[] = []

export function TodoRoom(): ReactNode {
  const [todos, dispatch, meta] = useServerReducer(todoReducer, NOTHING_YET, 'rooms/todos')
  const [filter, setFilter] = useState<TodoFilter>('all')
  useReportStatus(meta.status)
  const shown = filterTodos(todos, filter)
  return (
    <div className="todo-page">
      <PageHeading title="Todos">
        One list for everyone. What you do shows at once; what the server orders is what stays.
      </PageHeading>
      <section className="card" aria-label="Todo list">
        <NewTodo onAdd={(id, text) => dispatch({ type: 'add', id, text })} />
        {shown.length === 0 ? (
          <p className="todo-empty">
            {meta.isLoaded ? emptyText(todos, filter) : 'Opening the list…'}
          </p>
        ) : (
          <ul className="todo-list" aria-label="Todos">
            {shown.map((todo) => (
              <TodoItem key={todo.id} todo={todo} dispatch={dispatch} />
            ))}
          </ul>
        )}
        <TodoFooter todos={todos} filter={filter} onFilter={setFilter} dispatch={dispatch} />
      </section>
      <PendingLine pending={meta.pending} />
    </div>
  )
}

function emptyText(todos: Todo[], filter: TodoFilter): string {
  if (todos.length === 0) return 'Nothing to do. Add the first one above.'
  return `Nothing is ${filter}.`
}
