import { StreamError } from '../../core/errors.ts'
import { BEGINNING } from '../../core/protocol.ts'
import type { CacheKey, Entry } from './entries.ts'
import { measureBytes } from './measure-bytes.ts'
import { beginning, type Progress } from './progress.ts'
import { readStream } from './read-stream.ts'
import type { Load } from './shared-loads.ts'
import type { Source } from './source.ts'
import type { StateCache } from './state-cache.ts'

/** An entry without its state: keys, versions, the map's own. */
const ENTRY_BYTES = 500

/** While less than this share of what made a state has come on top, its size is estimated. */
const NEGLIGIBLE = 1 / 8

/**
 * Reads what a cache does not know yet, and lets it know. How far it came is kept also when it did not
 * come to the end; of a stream that is missing or refused, nothing is.
 *
 * @throws as {@link readStream}.
 */
export async function readThroughCache<State, Action>(
  { entries, epoch, count }: StateCache,
  key: CacheKey,
  path: string,
  source: Source<State, Action>,
  load: Load,
): Promise<Progress<State>> {
  const begunIn = epoch()
  const known = entries.get(key)
  count(known ? 'hits' : 'misses')
  const from = known ? (known.progress as Progress<State>) : beginning(source.initialState)
  let progress = from
  let isRefused = false
  try {
    progress = await readStream(source, from, load, (next) => (progress = next))
    return progress
  } catch (error) {
    isRefused = !load.signal.aborted && error instanceof StreamError && !error.retryable
    throw error
  } finally {
    const isKept = !isRefused && progress.offset !== BEGINNING
    const entry = isKept && progress !== from && (await weighed(progress, known, entries.maxBytes))
    if (begunIn === epoch()) {
      if (entry)
        entries.set(key, { ...entry, path, kin: key.kin, bytes: entry.bytes + key.text.length })
      else if (!isKept) entries.delete(key)
    }
  }
}

/** Weighs a state, or, when not much has come on top, guesses that it has grown by that. */
async function weighed<State>(
  progress: Progress<State>,
  known: Entry | undefined,
  limit: number,
): Promise<Pick<Entry, 'progress' | 'bytes' | 'measured'>> {
  const { characters, confirmed } = progress
  let measured = known?.measured
  const grown = characters - (measured?.characters ?? 0)
  if (!measured || grown < 0 || grown > measured.bytes * NEGLIGIBLE) {
    measured = { bytes: await measureBytes(confirmed.state, limit), characters }
  }
  const bytes = measured.bytes + 2 * (characters - measured.characters) + ENTRY_BYTES
  return { progress, bytes, measured }
}
