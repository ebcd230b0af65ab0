type Parts = Readonly<Record<string, unknown>>

/**
 * `next`, made of the parts of `previous` wherever they are equal: what has not changed stays the
 * very same object, so that `<For>` keeps its row and a memo its value. Items of arrays are found
 * again by their `id`, those without one by their place. Changes neither of the two.
 */
export function keepIdentity<Value>(previous: unknown, next: Value): Value {
  // Reducers leave most of a state as it was.
  if (Object.is(previous, next)) return next
  const isList = Array.isArray(next)
  if (!isParts(next) || !isParts(previous) || isList !== Array.isArray(previous)) return next
  const names = Object.keys(next)
  const rows = new Map(isList ? Object.values(previous).map((row) => [idOf(row), row]) : [])
  let isSame = names.length === Object.keys(previous).length
  const entries = names.map((name) => {
    // A name may be one of those that every object has.
    const isKnown = Object.hasOwn(previous, name)
    const old = isKnown ? previous[name] : undefined
    const part = keepIdentity(rows.get(idOf(next[name])) ?? old, next[name])
    isSame &&= isKnown && Object.is(part, old)
    return [name, part] as const
  })
  if (isSame) return previous as Value
  // Not by assignment: a name may be `__proto__`.
  return (isList ? entries.map(([, part]) => part) : Object.fromEntries(entries)) as Value
}

/** What finds an item again; without an `id` nothing does but itself. */
function idOf(item: unknown): unknown {
  return (isParts(item) ? item['id'] : undefined) ?? item
}

/** Whether a value is an array or a plain object. */
function isParts(value: unknown): value is Parts {
  return !!value && [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value))
}
