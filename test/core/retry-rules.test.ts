import { expect, it } from 'vitest'
import { backoffDelayMs, DEFAULT_BACKOFF } from '../../src/core/backoff.ts'
import { parseRetryAfter } from '../../src/core/response-error.ts'

it.each([
  { attempt: 1, random: 0.99, expected: 99 },
  { attempt: 2, random: 0.99, expected: 198 },
  { attempt: 4, random: 0.5, expected: 400 },
  { attempt: 60, random: 0.99, expected: 9900 },
])('waits $expected ms before retry $attempt', ({ attempt, random, expected }) => {
  expect(backoffDelayMs(attempt, DEFAULT_BACKOFF, 0, () => random)).toBe(expected)
})

it('waits as long as the server asks, but no more than a minute', () => {
  expect(backoffDelayMs(1, DEFAULT_BACKOFF, 5_000, () => 0)).toBe(5_000)
  expect(backoffDelayMs(1, DEFAULT_BACKOFF, 2_592_000_000, () => 0)).toBe(60_000)
})

it.each([
  [null, undefined],
  ['0', 0],
  ['120', 120_000],
  ['Thu, 01 Jan 1970 00:00:30 GMT', 20_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', undefined],
  ['soon', undefined],
])('reads Retry-After: %s', (header, expected) => {
  expect(parseRetryAfter(header, 10_000)).toBe(expected)
})
