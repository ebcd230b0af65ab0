import type { Observable } from '../core/observable.ts'
import { guarded } from './report-error.ts'

/** A value that changes, seen from where it is changed. */
export interface Cell<Value> extends Observable<Value> {
  set: (value: Value) => void
}

export function createCell<Value>(initial: Value): Cell<Value> {
  const listeners = new Set<() => void>()
  let value = initial

  return {
    getSnapshot: () => value,
    subscribe(onChange) {
      const listener = guarded(() => onChange())
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of [...listeners]) listener()
    },
  }
}
