import fc from 'fast-check'
import { expect, it } from 'vitest'
import { diffRows } from '../../examples/rooms/feeder/diff.ts'

interface Row {
  id: string
  version: string
  files: string[]
}
const rows = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd', '__proto__'), fc.constantFrom('1', '2'))
  .map(
    (versions) => new Map(Object.entries(versions).map(([id, version]) => [id, row(id, version)])),
  )

const row = (id: string, version: string): Row => ({ id, version, files: [version] })

it('turns the one picture into the other, in as few steps as there are differences', () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const { inserted, updated, deleted } = diffRows(before, after)
      const picture = new Map(before)
      for (const { key } of deleted) expect(picture.delete(key)).toBe(true)
      for (const { after } of updated) {
        expect(picture.get(after.id)).not.toEqual(after)
        picture.set(after.id, after)
      }
      for (const added of inserted) {
        expect(picture.has(added.id)).toBe(false)
        picture.set(added.id, added)
      }
      expect(picture).toEqual(after)
    }),
  )
})

it('finds nothing to do between equal pictures', () => {
  const picture = () => new Map([['a', row('a', '1')]])
  expect(diffRows(picture(), picture())).toEqual({ inserted: [], updated: [], deleted: [] })
})
