import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTable, type TableChange } from '../../src/state/db/table.ts'

const row = (n: number) => ({ row: { n }, input: { n }, version: n })

describe('a table', () => {
  it('publishes one change for each key, and none for what comes and goes', () => {
    const table = createTable()
    for (let n = 0; n < 1_000; n++) table.put('a', row(n))
    table.put('b', row(1))
    table.remove('b')
    table.remove('never there')
    expect(table.stagedCount).toBe(3)
    expect(table.publish()).toEqual([{ key: 'a', ...row(999) }])
    expect(table.publish()).toEqual([])
  })

  it('keeps what was published as it is until the next publication', () => {
    const table = createTable()
    table.put('a', row(1))
    table.publish()
    table.clear()
    table.put('b', row(2))
    expect([...table.published.keys()]).toEqual(['a'])
    expect(table.publish()).toEqual([
      { key: 'b', ...row(2) },
      { key: 'a', row: undefined },
    ])
    expect([...table.published]).toEqual([['b', row(2)]])
  })

  it('has the same rows in the end wherever it publishes in between', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(fc.constant('put'), fc.constantFrom('a', 'b', 'c')) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('remove'), fc.constantFrom('a', 'b', 'c')) },
      {
        weight: 1,
        arbitrary: fc.tuple(
          fc.constantFrom('clear', 'openSnapshot', 'closeSnapshot'),
          fc.constant(''),
        ),
      },
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.boolean())), (steps) => {
        const often = createTable()
        const once = createTable()
        const shown = new Map<string, unknown>()
        const show = (changes: TableChange[]): void => {
          for (const change of changes) {
            // A row that is not there is never taken away.
            expect(change.row !== undefined || shown.has(change.key)).toBe(true)
            const { key, ...incoming } = change
            if (change.row) shown.set(key, incoming)
            else shown.delete(key)
          }
        }
        steps.forEach(([[name, key], publishes], n) => {
          for (const table of [often, once]) {
            if (name === 'put') table.put(key, row(n))
            else if (name === 'remove') table.remove(key)
            else table[name as 'clear']()
          }
          if (publishes) show(often.publish())
        })
        show(often.publish())
        once.publish()
        expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(once.published))
        expect(Object.fromEntries(often.published)).toEqual(Object.fromEntries(once.published))
      }),
      { numRuns: 2_000 },
    )
  })
})
