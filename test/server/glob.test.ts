import { constantFrom, array, assert, property } from 'fast-check'
import { expect, it } from 'vitest'
import { compileGlob, parseGlob } from '../../dev-server/subscriptions/glob.ts'

it.each([
  ['events/*', 'events/a', true],
  ['events/*', 'events', false],
  ['events/*', 'events/a/b', false],
  ['*/a', 'events/a', true],
  ['events/**', 'events', true],
  ['events/**', 'events/a/b/c', true],
  ['**/a', 'a', true],
  ['**/a', 'x/y/a', true],
  ['**/a/**', 'x/a/y/z', true],
  ['**/a/**', 'x/b/y', false],
  ['**', 'anything/at/all', true],
  ['user-*', 'user-7', true],
  ['user-*', 'user-', true],
  ['user-*', 'users/7', false],
  ['*-*/x', 'a-b/x', true],
  ['/events/*', 'events/a', true],
  ['a b/*', 'a%20b/c', true],
  ['a%20b/*', 'a%20b/c', true],
  ['__proto__/*', '__proto__/constructor', true],
  ['a.c', 'abc', false],
])('pattern %s on stream %s: %s', (pattern, path, matches) => {
  expect(parseGlob(pattern).matches(path)).toBe(matches)
})

it.each([
  ['', 'has an empty segment'],
  ['a//b', 'has an empty segment'],
  ['a/', 'has an empty segment'],
  ['a/%zz', 'has a broken percent-encoding'],
  ['*'.repeat(33), 'has more than 32 stars'],
  [`${'a'.repeat(1025)}`, 'is longer than 1024 characters'],
])('refuses the pattern %j: it %s', (pattern, problem) => {
  expect(() => parseGlob(pattern)).toThrow(problem)
})

/** The rules of patterns, word for word, and as slow as can be. */
function naive(pattern: readonly string[], path: readonly string[]): boolean {
  const [part, ...parts] = pattern
  if (part === undefined) return path.length === 0
  if (part === '**') return [...path, ''].some((_, i) => naive(parts, path.slice(i)))
  const [segment, ...segments] = path
  if (segment === undefined || !naiveSegment(part, segment)) return false
  return naive(parts, segments)
}

function naiveSegment(part: string, segment: string): boolean {
  if (part === '') return segment === ''
  if (part.startsWith('*')) {
    return [...segment, ''].some((_, i) => naiveSegment(part.slice(1), segment.slice(i)))
  }
  return segment.startsWith(part[0]!) && naiveSegment(part.slice(1), segment.slice(1))
}

it('agrees with a matcher that tries everything', () => {
  const patterns = array(constantFrom('*', '**', 'a', 'b', 'a*', '*b', 'a*b', '*a*'), {
    minLength: 1,
    maxLength: 6,
  })
  const paths = array(constantFrom('a', 'b', 'ab', 'aab', 'ba', 'abab'), {
    minLength: 1,
    maxLength: 6,
  })
  assert(
    property(patterns, paths, (pattern, path) => {
      expect(compileGlob(pattern.join('/')).matches(path.join('/'))).toBe(naive(pattern, path))
    }),
    { numRuns: 3_000 },
  )
})

it.each([
  ['stars in one segment', `${'*a'.repeat(500)}b`, 'a'.repeat(1_000)],
  ['double stars', `${'**/a/'.repeat(500)}b`, Array(500).fill('a').join('/')],
  ['both', `${'**/*a*/'.repeat(500)}b`, Array(300).fill('aaa').join('/')],
])('decides in few steps on 500 %s', (_name, pattern, path) => {
  // A matcher that goes back further than to the last star would take longer than the sun will shine.
  expect(compileGlob(pattern).matches(path)).toBe(false)
})
