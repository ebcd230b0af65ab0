import { afterId, pathKey, PATHS_END, PATHS_START, readId } from './keys.ts'
import { decodeText, sharedPart, textKey } from './text-key.ts'
import { loadRecord, type Store } from './stream.ts'
import type { StreamRecord } from '../storage.ts'

/** Committed streams in the order of their paths, from the first after `after` on. */
export function listStreams(
  store: Store,
  after: string,
  limit: number,
): { path: string; record: StreamRecord }[] {
  const found: { path: string; record: StreamRecord }[] = []
  if (limit <= 0) return found
  for (const { path, id } of pathsAfter(store, after)) {
    const stored = loadRecord(store, id)
    if (stored) found.push({ path, record: stored.record })
    if (found.length >= limit) break
  }
  return found
}

interface Found {
  path: string
  id: number
}

/** Keys sort as paths do, but for those that hold a part of theirs. */
function* pathsAfter({ environment }: Store, after: string): Generator<Found> {
  const { bytes, whole } = textKey(after)
  const shared = whole ? bytes : sharedPart(bytes)
  const start = shared.length === 0 ? PATHS_START : pathKey({ bytes: Buffer.from(shared), whole })
  let alike: Found[] = []
  let part: Buffer | undefined
  for (const { key, value } of environment.data.getRange({ start, end: PATHS_END })) {
    const text = key.subarray(1)
    const rest = afterId(value)
    const found = { id: readId(value), path: decodeText(rest.length > 0 ? rest : text) }
    const shares = rest.length > 0 ? Buffer.from(sharedPart(text)) : undefined
    if (!shares || !part?.equals(shares)) {
      yield* sorted(alike, after)
      alike = []
    }
    part = shares
    if (shares) alike.push(found)
    else if (found.path > after) yield found
  }
  yield* sorted(alike, after)
}

function sorted(paths: Found[], after: string): Found[] {
  return paths.filter(({ path }) => path > after).toSorted((a, b) => (a.path < b.path ? -1 : 1))
}
