import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSortedPaths } from '../../dev-server/storage/sorted-paths.ts'

const paths = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'ü', '\uffff', '𝒳'), maxLength: 6 })
const steps = fc.array(fc.record({ adds: fc.boolean(), path: paths }), { maxLength: 200 })

it('lists what was added and not removed, sorted, from anywhere', () => {
  fc.assert(
    fc.property(steps, paths, fc.nat(50), (all, after, limit) => {
      const sorted = createSortedPaths()
      const model = new Set<string>()
      for (const { adds, path } of all) {
        sorted[adds ? 'add' : 'remove'](path)
        model[adds ? 'add' : 'delete'](path)
      }
      const expected = [...model].filter((path) => path > after).sort()
      expect(sorted.after(after, limit)).toEqual(expected.slice(0, limit))
    }),
  )
})

it('holds many, whatever the order in which they come and go', () => {
  const sorted = createSortedPaths()
  const all = Array.from({ length: 20_000 }, (_, i) => `rooms/${(i * 7919) % 20_000}`)
  for (const path of all) sorted.add(path)
  expect(sorted.after('', all.length + 1)).toEqual([...all].sort())
  for (const path of all.slice(5)) sorted.remove(path)
  expect(sorted.after('', 10)).toEqual(all.slice(0, 5).sort())
  expect(sorted.after('rooms/0', 0)).toEqual([])
})
