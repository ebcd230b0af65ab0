import type { Observable } from '../core/observable.ts'
import { createListeners } from './listeners.ts'

/** A value that changes, seen from where it is changed. */
export interface Cell<Value> extends Observable<Value> {
  set: (value: Value) => void
}

export function createCell<Value>(initial: Value): Cell<Value> {
  const listeners = createListeners()
  let value = initial

  return {
    getSnapshot: () => value,
    subscribe: listeners.add,
    set(next) {
      if (Object.is(next, value)) return
      value = next
      listeners.tell()
    },
  }
}
