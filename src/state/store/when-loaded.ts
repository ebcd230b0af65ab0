import type { SharedStore } from './store-snapshot.ts'

/** So long a store is read on for those who waited for it, and an error is told to all of them. */
const HOLD_MS = 1_000

const promises = new WeakMap<object, Promise<void>>()

/**
 * Resolves when the store shows more than its initial state, and starts reading for that: one promise
 * for all who ask, so that a component may suspend on it.
 *
 * @throws {StreamError} what ended the reading. A moment later it is tried again for who asks then.
 */
export function whenLoaded<State, Action>(store: SharedStore<State, Action>): Promise<void> {
  const known = promises.get(store)
  if (known) return known
  let leave: (() => void) | undefined
  const promise = new Promise<void>((resolve, reject) => {
    const look = (): void => {
      const { isLoaded, status } = store.getSnapshot()
      if (isLoaded) resolve()
      else if (status.kind === 'error') reject(status.error)
    }
    leave = store.subscribe(look)
    if (store.getSnapshot().isLoaded) resolve()
  })
  promises.set(store, promise)
  const end = (): void => {
    setTimeout(() => {
      leave?.()
      if (!store.getSnapshot().isLoaded) promises.delete(store)
    }, HOLD_MS)
  }
  // Whoever asked is told by `promise` itself.
  promise.then(end, end)
  return promise
}
