/** Keys that are sorted in a few milliseconds. */
const KEYS_PER_RUN = 8_192

/** The keys as `sort()` orders them, step by step, since all at once would take long. */
export function* sorted(keys: readonly string[]): Generator<void, readonly string[]> {
  const runs: string[][] = []
  for (let from = 0; from < keys.length; from += KEYS_PER_RUN) {
    runs.push(keys.slice(from, from + KEYS_PER_RUN).sort())
    yield
  }
  while (runs.length > 1) {
    const [one, other] = runs.splice(0, 2) as [string[], string[]]
    runs.push(merged(one, other))
    yield
  }
  return runs[0] ?? []
}

function merged(one: readonly string[], other: readonly string[]): string[] {
  const all: string[] = []
  let at = 0
  for (const key of one) {
    while (at < other.length && other[at]! < key) all.push(other[at++]!)
    all.push(key)
  }
  while (at < other.length) all.push(other[at++]!)
  return all
}
