import { keysOf, RATE } from '../scene.ts'

/** A value that a timer changes. */
export interface MemoryValue {
  getSnapshot: () => number
  subscribe: (onChange: () => void) => () => void
  set: (value: number) => void
}

const TICK_MS = 5

/** Values in memory, and a timer that changes them as often as the writer does. */
export function startMemory(prefix: string): ReadonlyMap<string, MemoryValue> {
  const values = keysOf(prefix).map(createValue)
  const began = performance.now()
  let done = 0
  setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * RATE)
    for (; done < due; done++) values[done % values.length]!.set(Date.now())
  }, TICK_MS)
  return new Map(keysOf(prefix).map((key, index) => [key, values[index]!]))
}

export function createValue(): MemoryValue {
  const listeners = new Set<() => void>()
  let value = 0
  return {
    getSnapshot: () => value,
    subscribe(onChange) {
      listeners.add(onChange)
      return () => void listeners.delete(onChange)
    },
    set(next) {
      value = next
      for (const listener of listeners) listener()
    },
  }
}
