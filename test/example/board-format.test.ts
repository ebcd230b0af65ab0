import { expect, it } from 'vitest'
import { nextSort } from '../../examples/rooms/src/board/columns.ts'
import { formatBytes, formatDay } from '../../examples/rooms/src/board/format.ts'

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9_949, '9.9 kB'],
  [12_345, '12 kB'],
  [352_598_189, '353 MB'],
  [1_500_000_000_000_000, '1500 TB'],
])('%i bytes read %j', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

it('a day reads the same wherever one is', () => {
  expect(formatDay('2026-01-03T23:59:59.000Z')).toBe('3 Jan 2026')
})

it('a click on a heading sorts by it, text upwards and numbers from the largest, the next one turns it round', () => {
  const byName = nextSort({ column: 'bytes', direction: 'desc' }, 'name')
  expect(byName).toEqual({ column: 'name', direction: 'asc' })
  expect(nextSort(byName, 'name')).toEqual({ column: 'name', direction: 'desc' })
  expect(nextSort(byName, 'dependents')).toEqual({ column: 'dependents', direction: 'desc' })
})
