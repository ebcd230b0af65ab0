import { expect, it } from 'vitest'
import { findCycle, globalsOf, importsOf, parseSource } from '../support/imports.ts'

it('sees an import however it is written', () => {
  const source = parseSource(
    'src/core/a.ts',
    `import one from './one.ts'
     import type { Two } from '../state/two.ts'
     import './three.ts'
     export * from './four.ts'
     export type { Five } from './five.ts'
     const six = () => import('./six.ts')
     let seven: import('./seven.ts').Seven
     const eight = (name: string) => import(name)
     // import './nine.ts'
     const ten = "import './ten.ts'"`,
  )
  expect(importsOf(source)).toEqual([
    'src/core/one.ts',
    'src/state/two.ts',
    'src/core/three.ts',
    'src/core/four.ts',
    'src/core/five.ts',
    'src/core/six.ts',
    'src/core/seven.ts',
    '<computed>',
  ])
})

it('finds the circle, and names it', () => {
  const circle = new Map([
    ['a', ['b', 'c']],
    ['b', ['c']],
    ['c', ['d', 'react']],
    ['d', ['b']],
  ])
  expect(findCycle(circle)).toEqual(['b', 'c', 'd', 'b'])
})

it('tells a global from a property of the same name', () => {
  const source = parseSource(
    'src/core/a.ts',
    'batch.process(); const x = { Buffer: 1 }; process.exit()',
  )
  expect(globalsOf(source, ['process', 'Buffer'])).toEqual(['process'])
})
