import { isSame } from '../store/is-same.ts'
import type { CacheKey } from './entries.ts'
import type { LoadStreamOptions } from './options.ts'
import type { Source } from './source.ts'

export function cacheKey<State, Action>(
  { url, headers, params, kind, initialState }: Source<State, Action>,
  { reducer, reducerVersion, schema, fetch }: LoadStreamOptions<State, Action>,
): CacheKey {
  const kin = JSON.stringify([url, headers, params, kind, reducerVersion, nameOf(initialState)])
  return { kin, text: [kin, ...[reducer, schema, fetch].map(numberOf)].join(' ') }
}

let last = 0
const numbers = /* @__PURE__ */ new WeakMap<object, number>()

/** The number of an object, the same as long as it lives, and never another's. */
function numberOf(object: object | undefined): number {
  if (!object) return 0
  const number = numbers.get(object) ?? ++last
  numbers.set(object, number)
  return number
}

/** What JSON says of a value, or, of one that it cannot say exactly, which one it is. */
function nameOf(value: unknown): string {
  try {
    const text = JSON.stringify(value)
    if (isSame(JSON.parse(text), value)) return text
  } catch {
    // No JSON at all.
  }
  if (typeof value === 'object' && value !== null) return `object ${numberOf(value)}`
  return `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`
}
