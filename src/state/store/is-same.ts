type Parts = Readonly<Record<PropertyKey, unknown>>

/** Whether two values are alike in every part, so that no code can tell them apart by its parts. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const names = Reflect.ownKeys(a)
  return (
    Object.getPrototypeOf(a) === Object.getPrototypeOf(b) &&
    names.length === Reflect.ownKeys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame((a as Parts)[name], (b as Parts)[name]))
  )
}
