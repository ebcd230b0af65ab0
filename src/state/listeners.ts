import { guarded } from './report-error.ts'

/** Who is to be told of something. */
export interface Listeners {
  /** One entry a call, even of the same function. @returns a function that takes it out again. */
  add: (onChange: () => void) => () => void
  /** Tells all. One that throws stops nobody else. */
  tell: () => void
}

export function createListeners(): Listeners {
  const all = new Set<() => void>()
  return {
    add(onChange) {
      const listener = guarded(() => onChange())
      all.add(listener)
      return () => void all.delete(listener)
    },
    tell() {
      for (const listener of [...all]) listener()
    },
  }
}
