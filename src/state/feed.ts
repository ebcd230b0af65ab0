import type { JsonBatch } from '../core/batch.ts'
import type { JsonStream } from '../core/json-stream.ts'
import { BEGINNING, JSON_CONTENT_TYPE } from '../core/protocol.ts'
import type { LiveMode } from '../core/read-state.ts'
import type { StreamStatus } from '../core/status.ts'

/** A batch of events; `restart` says that everything before it is void: the server lost it. */
export interface FeedBatch extends JsonBatch {
  restart: boolean
}

export interface FeedOptions {
  stream: JsonStream
  /** Where to start. Default: the beginning. */
  offset?: string | undefined
  /** Default `true`. */
  live?: LiveMode | undefined
  /** Ends the feed, quietly. */
  signal: AbortSignal
  /** Make the stream when the server has none. Default `true`. */
  create?: boolean | undefined
  onStatus?: ((status: StreamStatus) => void) | undefined
}

/**
 * A JSON stream followed for as long as it takes: made when it is missing, read again from the
 * beginning when the server lost it or no longer knows the offset. State is rebuilt, never guessed.
 *
 * @throws {StreamError} when it cannot go on: refused, deleted for good, not a JSON stream.
 */
export async function* feed(options: FeedOptions): AsyncGenerator<FeedBatch, void> {
  const { stream, offset = BEGINNING, live = true, signal, create = true, onStatus } = options
  let restart = false
  let hasRead = offset !== BEGINNING

  const batches = stream.follow({
    offset,
    live,
    signal,
    onStatus,
    backoff: { maxAttempts: Infinity, maxTotalMs: Infinity },
    // A reloaded page must not show for a moment what was there a minute ago.
    cache: 'no-cache',
    // A write counts as confirmed when it has been read, also of a page that is hidden.
    pauseWhenHidden: false,
    async onReset(error) {
      if (error.code === 'not-found') {
        if (!create) throw error
        await stream.create({ contentType: JSON_CONTENT_TYPE })
      }
      restart ||= hasRead
    },
  })
  try {
    for await (const batch of batches) {
      hasRead = true
      yield { ...batch, restart }
      restart = false
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
