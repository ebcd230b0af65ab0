import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MaterializedState, type ChangeEvent, type StateEvent } from 'streamwell/events'
import { stateEvents } from './state-events.ts'

const put = (type: string, key: string, value: unknown): ChangeEvent => ({
  type,
  key,
  value,
  headers: { operation: 'upsert' },
})
const remove = (type: string, key: string): StateEvent => ({
  type,
  key,
  headers: { operation: 'delete' },
})
const control = (name: 'snapshot-start' | 'snapshot-end' | 'reset'): StateEvent => ({
  headers: { control: name },
})

describe('the state that a stream adds up to', () => {
  it('knows each row by its type and key', () => {
    const state = new MaterializedState()
    state.apply({ ...put('user', '1', { name: 'Ada' }), headers: { operation: 'insert' } })
    state.apply(put('message', '1', { text: 'Hello' }))

    expect(state.get('user', '1')).toEqual({ name: 'Ada' })
    expect(state.get('message', '1')).toEqual({ text: 'Hello' })
    expect(state.get('user', '2')).toBeUndefined()
    expect(state.get('reaction', '1')).toBeUndefined()
    expect([...state.getType('user')]).toEqual([['1', { name: 'Ada' }]])
    expect(state.types).toEqual(['user', 'message'])
    expect(state.typeCount).toBe(2)
  })

  it('forgets a type with its last row', () => {
    const state = new MaterializedState()
    state.applyBatch([put('user', '1', {}), remove('user', '1'), remove('user', 'never there')])
    expect(state.typeCount).toBe(0)
    expect(state.getType('user').size).toBe(0)
  })

  it('takes strange names for what they are', () => {
    const state = new MaterializedState()
    for (const name of ['__proto__', 'constructor', 'toString', '0', 'ключ', ' ']) {
      state.apply(put(name, name, { name }))
      expect(state.get(name, name)).toEqual({ name })
    }
    expect(({} as { name?: string }).name).toBeUndefined()
    expect(state.get('hasOwnProperty', 'hasOwnProperty')).toBeUndefined()
  })

  it('drops at the end of a snapshot what the snapshot did not name', () => {
    const state = new MaterializedState()
    state.applyBatch([
      put('user', 'old', 1),
      put('user', 'kept', 1),
      put('room', 'old', 1),
      control('snapshot-start'),
      put('user', 'kept', 2),
      put('user', 'new', 1),
    ])
    expect(state.get('user', 'old')).toBe(1)

    state.apply(control('snapshot-end'))
    expect(Object.fromEntries(state.getType('user'))).toEqual({ kept: 2, new: 1 })
    expect(state.types).toEqual(['user'])
  })

  it('loses nothing to the end of a snapshot that never began', () => {
    const state = new MaterializedState()
    state.applyBatch([put('user', '1', 1), control('snapshot-end')])
    expect(state.get('user', '1')).toBe(1)
  })

  it('is empty after a reset, and after being cleared', () => {
    const state = new MaterializedState()
    state.applyBatch([put('user', '1', 1), control('reset'), put('room', '1', 1)])
    expect(state.types).toEqual(['room'])
    state.clear()
    expect(state.types).toEqual([])
  })

  it('skips a change that was made from another version of its row than is there', () => {
    const state = new MaterializedState()
    const set = (value: number, headers: object): StateEvent => ({
      ...put('user', '1', value),
      headers: { operation: 'update', ...headers },
    })
    state.applyBatch([set(1, {}), set(2, { txid: 'a', base: '1' }), set(9, { base: '1' })])
    expect(state.get('user', '1')).toBe(2)
    state.applyBatch([set(3, { base: 'a' }), set(9, { base: '3' }), set(4, { base: '4' })])
    expect(state.get('user', '1')).toBe(4)
    state.applyBatch([remove('user', '1'), set(9, { base: '6' }), set(9, { base: 'undefined' })])
    expect(state.get('user', '1')).toBeUndefined()
    state.apply(set(5, { base: 5 }))
    expect(state.get('user', '1')).toBe(5)
  })

  it('applies the changes of a transaction that have a base all or not at all', () => {
    const state = new MaterializedState()
    const set = (key: string, value: number, txid: string, base?: string): StateEvent => ({
      ...put('user', key, value),
      headers: { operation: 'update', txid, ...(base && { base }) },
    })
    state.applyBatch([set('a', 1, 't1'), set('b', 1, 't2'), set('c', 1, 't3')])
    state.applyBatch([
      set('a', 2, 't4', 't1'),
      set('b', 2, 't4', 'passed'),
      set('c', 2, 't4', 't3'),
      set('d', 2, 't4'),
      set('e', 2, 't5'),
    ])
    expect(Object.fromEntries(state.getType('user'))).toEqual({ a: 1, b: 1, c: 1, e: 2 })
    state.applyBatch([set('a', 3, 't6', 't1'), set('a', 4, 't6', 't6'), set('b', 3, 't6', 't2')])
    expect(Object.fromEntries(state.getType('user'))).toEqual({ a: 4, b: 3, c: 1, e: 2 })
  })

  it('does not change for what is no event', () => {
    const state = new MaterializedState()
    state.apply(put('user', '1', 1))
    for (const json of [null, 1, 'x', {}, { type: 'user', key: '1' }, { headers: {} }]) {
      state.apply(json as never)
    }
    expect([...state.getType('user')]).toEqual([['1', 1]])
  })

  it('is what a plain walk through the log gives', () => {
    fc.assert(
      fc.property(fc.array(stateEvents(), { maxLength: 60 }), (events) => {
        const state = new MaterializedState()
        state.applyBatch(events)

        const rows = walk(events)
        for (const [name, value] of rows) {
          const [type, key] = JSON.parse(name) as [string, string]
          expect(state.get(type, key)).toEqual(value)
        }
        const count = state.types.reduce((sum, type) => sum + state.getType(type).size, 0)
        expect(count).toBe(rows.size)
      }),
      { numRuns: 1_000 },
    )
  })
})

/** The naive model: one flat map, and a snapshot's names looked up by scanning back. */
function walk(events: StateEvent[]): Map<string, unknown> {
  let rows = new Map<string, unknown>()
  let snapshotFrom: number | undefined
  events.forEach((event, i) => {
    if ('type' in event) {
      const name = JSON.stringify([event.type, event.key])
      if (event.headers.operation === 'delete') rows.delete(name)
      else rows.set(name, event.value)
    } else if (event.headers.control === 'reset') {
      rows = new Map()
    } else if (event.headers.control === 'snapshot-start') {
      snapshotFrom = i
    } else if (snapshotFrom !== undefined) {
      const named = new Set(
        events
          .slice(snapshotFrom, i)
          .flatMap((one) => ('type' in one ? [JSON.stringify([one.type, one.key])] : [])),
      )
      rows = new Map([...rows].filter(([name]) => named.has(name)))
      snapshotFrom = undefined
    }
  })
  return rows
}
