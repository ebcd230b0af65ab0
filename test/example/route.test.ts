import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hrefTo, parseHash, SECTIONS } from '../../examples/rooms/src/shell/route.ts'

it.each([
  ['', 'counter', ''],
  ['#', 'counter', ''],
  ['#/', 'counter', ''],
  ['#/todos', 'todos', ''],
  ['#/board/node_modules%2Fzod', 'board', 'node_modules/zod'],
  ['#/board/node_modules/zod', 'board', 'node_modules/zod'],
  ['#/nowhere', 'counter', ''],
  ['#/constructor', 'counter', ''],
  ['#/board/50%', 'board', '50%'],
])('the address %j leads to %s, %j', (hash, section, detail) => {
  expect(parseHash(hash)).toEqual({ section, detail })
})

it('every link leads where it says', () => {
  const details = fc
    .array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('%', '%41', '/', '#', '?')))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.constantFrom(...SECTIONS), details, (section, detail) => {
      expect(parseHash(hrefTo(section, detail))).toEqual({ section, detail })
    }),
  )
})
