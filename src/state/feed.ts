import type { JsonBatch } from '../core/batch.ts'
import { asStreamError, StreamError } from '../core/errors.ts'
import type { JsonStream } from '../core/json-stream.ts'
import { BEGINNING, JSON_CONTENT_TYPE } from '../core/protocol.ts'
import type { LiveMode } from '../core/read-state.ts'
import type { StreamStatus } from '../core/status.ts'
import { openNetworkLine } from './network-line.ts'

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

/** Rebuilds in a row, without one batch between them, before the server counts as broken. */
const MAX_REBUILDS = 3

/**
 * A JSON stream followed for as long as it takes: made when it is missing, read again from the
 * beginning when the server lost it or no longer knows the offset. State is rebuilt, never guessed.
 *
 * @throws {StreamError} when it cannot go on: refused, deleted for good, not a JSON stream.
 */
export async function* feed(options: FeedOptions): AsyncGenerator<FeedBatch, void> {
  const { stream, live = true, signal, create = true, onStatus = () => undefined } = options
  let offset = options.offset ?? BEGINNING
  let restart = false
  let rebuilds = 0

  const onReadStatus = (status: StreamStatus): void => {
    // An error may be mended below; one that is not is reported there.
    if (status.kind !== 'error') onStatus(status)
  }

  for (;;) {
    const line = openNetworkLine(signal)
    try {
      const backoff = { maxAttempts: Infinity, maxTotalMs: Infinity }
      // A reloaded page must not show for a moment what was there a minute ago.
      const cache = 'no-cache'
      for await (const batch of stream.follow({
        offset,
        live,
        signal: line.signal,
        backoff,
        cache,
        onStatus: onReadStatus,
      })) {
        yield { ...batch, restart }
        offset = batch.next.offset
        restart = false
        rebuilds = 0
      }
      return
    } catch (cause) {
      if (signal.aborted) return
      // Goes on from the same offset, at once: the server may be back, or as near as before.
      if (line.hasChanged()) continue
      const error = await mend(cause, { stream, offset, create: create && rebuilds < MAX_REBUILDS })
      if (error) {
        onStatus({ kind: 'error', error })
        throw error
      }
      rebuilds++
      restart ||= offset !== BEGINNING
      offset = BEGINNING
    } finally {
      line.close()
    }
  }
}

/** Makes reading from the beginning possible again, or says why it is not. */
async function mend(
  cause: unknown,
  { stream, offset, create }: { stream: JsonStream; offset: string; create: boolean },
): Promise<StreamError | undefined> {
  if (!(cause instanceof StreamError)) {
    return asStreamError(cause, `Reading ${stream.url}`)
  }
  // An offset that the server no longer knows is gone, or was never one of the stream that is there now.
  const isOffsetUnknown = cause.code === 'gone' || cause.code === 'bad-request'
  if (isOffsetUnknown && offset !== BEGINNING) return undefined
  if (cause.code !== 'not-found' || !create) return cause
  try {
    await stream.create({ contentType: JSON_CONTENT_TYPE })
    return undefined
  } catch (error) {
    return error instanceof StreamError ? error : cause
  }
}
