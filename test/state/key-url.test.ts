import { expect, it } from 'vitest'
import { keyPath, streamUrl } from '../../src/state/store/key-url.ts'

it.each([
  ['counter', 'http://h/v1/stream/counter'],
  ['rooms/7/todos', 'http://h/v1/stream/rooms/7/todos'],
  ['a b/ü?#', 'http://h/v1/stream/a%20b/%C3%BC%3F%23'],
])('puts the key %s under the server', (key, url) => {
  expect(streamUrl('http://h/v1/stream/', keyPath(key))).toBe(url)
})

it.each(['', '/counter', 'a//b', 'a/', '..', 'a/./b', '__ds/jobs'])(
  'refuses the key "%s"',
  (key) => {
    expect(() => keyPath(key)).toThrow(expect.objectContaining({ code: 'invalid' }))
  },
)
