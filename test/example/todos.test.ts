import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  filterTodos,
  todoReducer,
  type Todo,
  type TodoAction,
} from '../../examples/rooms/src/todos/reducer.ts'

const id = fc.constantFrom('a', 'b', 'c')
const action: fc.Arbitrary<TodoAction> = fc.oneof(
  fc.record({ type: fc.constant('add' as const), id, text: fc.string() }),
  fc.record({ type: fc.constant('edit' as const), id, text: fc.string() }),
  fc.record({ type: fc.constant('mark' as const), id, done: fc.boolean() }),
  fc.record({ type: fc.constant('remove' as const), id }),
  fc.constant({ type: 'clear-done' as const }),
)
const todo = (id: string, done = false): Todo => ({ id, text: `do ${id}`, done })

describe('the todo list', () => {
  it('never holds a todo twice, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(fc.array(action), (actions) => {
        const ids = actions.reduce(todoReducer, []).map((todo) => todo.id)
        expect(new Set(ids).size).toBe(ids.length)
      }),
    )
  })

  it('is the same when an action arrives twice in a row', () => {
    fc.assert(
      fc.property(fc.array(action), action, (before, once) => {
        const todos = before.reduce(todoReducer, [])
        const after = todoReducer(todos, once)
        expect(todoReducer(after, once)).toEqual(after)
      }),
    )
  })

  it('leaves the list that it was given as it was', () => {
    fc.assert(
      fc.property(fc.array(action), action, (before, next) => {
        const todos = before.reduce(todoReducer, [])
        const copy = structuredClone(todos)
        todoReducer(todos, next)
        expect(todos).toEqual(copy)
      }),
    )
  })

  it('adds at the end, edits, marks and removes by id', () => {
    const actions: TodoAction[] = [
      { type: 'add', id: 'a', text: 'do a' },
      { type: 'add', id: 'b', text: 'do b' },
      { type: 'add', id: 'c', text: 'do c' },
      { type: 'edit', id: 'b', text: 'do it' },
      { type: 'mark', id: 'c', done: true },
      { type: 'remove', id: 'a' },
    ]
    expect(actions.reduce(todoReducer, [])).toEqual([
      { ...todo('b'), text: 'do it' },
      todo('c', true),
    ])
  })

  it('drops what is done, all at once', () => {
    const todos = [todo('a', true), todo('b'), todo('c', true)]
    expect(todoReducer(todos, { type: 'clear-done' })).toEqual([todo('b')])
  })

  it('ignores an action of a newer version of the page', () => {
    const todos = [todo('a')]
    expect(todoReducer(todos, { type: 'postpone', id: 'a' } as never)).toBe(todos)
  })
})

it.each([
  ['all', ['a', 'b']],
  ['open', ['b']],
  ['done', ['a']],
] as const)('shows %s of the todos', (filter, ids) => {
  expect(filterTodos([todo('a', true), todo('b')], filter).map(({ id }) => id)).toEqual(ids)
})
