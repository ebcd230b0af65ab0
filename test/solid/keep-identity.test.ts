import { describe, expect, it } from 'vitest'
import { keepIdentity } from '../../src/solid/keep-identity.ts'

const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

describe('what comes again', () => {
  it.each([
    ['a list', [1, 'two', { three: [3] }]],
    ['a table', { a: { b: null }, list: [] }],
    ['nothing', null],
    ['names that objects have', JSON.parse('{"__proto__":{"a":1},"constructor":1}')],
  ])('is the same, when it is %s', (_, value) => {
    expect(keepIdentity(value, copy(value))).toBe(value)
  })

  it('is the same in its parts, when something else has changed', () => {
    const before = { user: { name: 'Ada' }, count: 1 }
    const after = keepIdentity(before, { user: { name: 'Ada' }, count: 2 })
    expect(after).toEqual({ user: { name: 'Ada' }, count: 2 })
    expect(after.user).toBe(before.user)
  })
})

describe('rows of a list', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id, text: `text of ${id}` }))
  const before = [a!, b!, c!]

  it.each([
    ['one is put in front', [{ id: 'new', text: '' }, a, b, c]],
    ['one is taken out', [b, c]],
    ['they change places', [c, a, b]],
  ])('are found by their id when %s', (_, rows) => {
    const after = keepIdentity(before, copy(rows))
    expect(after).toEqual(rows)
    for (const [index, row] of rows.entries()) {
      if (before.includes(row as never)) expect(after[index]).toBe(row)
    }
  })

  it('are new when they have changed, and the others stay', () => {
    const after = keepIdentity(before, copy([a!, { ...b!, text: 'new' }, c!]))
    expect(after[1]).toEqual({ id: 'b', text: 'new' })
    expect([after[0], after[2]]).toEqual([a, c])
    expect([after[0] === a, after[1] === b, after[2] === c]).toEqual([true, false, true])
  })

  it('are found by their place when they have no id', () => {
    const [one, two] = [{ text: 'one' }, { text: 'two' }]
    const after = keepIdentity([one, two], copy([one, two, { text: 'three' }]))
    expect([after[0] === one, after[1] === two, after.length]).toEqual([true, true, 3])
  })
})

describe('what is something else', () => {
  it.each([
    ['a list in place of a table', { 0: 'a' }, ['a']],
    ['a table in place of a list', ['a'], { 0: 'a' }],
    ['a shorter list', [1, 2], [1]],
    ['a longer list', [1], [1, 2]],
    ['other names', { a: 1, b: 2 }, { a: 1, c: 2 }],
    ['a name that objects have', {}, { constructor: Object }],
    ['undefined in place of nothing', { a: 1 }, { b: undefined }],
    ['nothing', { a: 1 }, null],
    ['something', null, { a: 1 }],
    ['a name that sets a prototype', {}, JSON.parse('{"__proto__":{"a":1}}')],
  ])('comes through: %s', (_, previous, next) => {
    const after = keepIdentity(previous, next)
    expect(after).toStrictEqual(next)
    expect(Object.keys(Object(after))).toEqual(Object.keys(Object(next)))
    expect(after).not.toBe(previous)
  })

  it('is taken as it is when it is no JSON', () => {
    const [date, map] = [new Date(0), new Map()]
    const after = keepIdentity({ date: new Date(0), map: new Map() }, { date, map })
    expect([after.date, after.map]).toEqual([date, map])
    expect(after.date).toBe(date)
  })

  it('leaves both as they were', () => {
    const previous = Object.freeze([Object.freeze({ id: 1, text: 'a' })])
    const next = Object.freeze([Object.freeze({ id: 1, text: 'b' }), Object.freeze({ id: 2 })])
    expect(keepIdentity(previous, next)).toEqual(next)
  })
})
