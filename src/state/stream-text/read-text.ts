import type { Batch } from '../../core/batch.ts'
import type { Reading } from '../../core/connect.ts'
import { delay } from '../../core/delay.ts'
import type { Endpoint } from '../../core/endpoint.ts'
import { StreamError } from '../../core/errors.ts'
import { follow } from '../../core/follow.ts'
import { isJson } from '../../core/protocol.ts'
import type { ReadOptions } from '../../core/read-options.ts'
import type { StreamStatus } from '../../core/status.ts'
import type { TextSoFar } from './text-so-far.ts'

/** A stream that is not there yet is asked for this far apart: 0.25 s, 0.5 s, … 2 s. */
const WAIT_STEP_MS = 250
const MAX_WAIT_STEP_MS = 2000

export interface TextReading {
  endpoint: Endpoint
  pauseWhenHidden: boolean | undefined
  waitMs: number
  look: () => TextSoFar
  take: (batch: Batch, isJson: boolean) => void
  /** All that was read is void: the server lost it. */
  onLost: () => void
  /** Not told of errors, which are thrown. */
  onStatus: (status: StreamStatus) => void
  signal: AbortSignal
}

/**
 * Reads a text from where it is so far, until its stream is closed.
 *
 * @throws {StreamError} when it cannot go on: refused, deleted for good, not there in `waitMs`.
 * @throws the reason of `signal`, when it aborts.
 */
export async function readText(text: TextReading): Promise<void> {
  let missingSince: number | undefined
  let tries = 0
  let isAgain = false
  while (!text.look().isDone) {
    try {
      await readOn({
        ...text,
        take(batch, isJson) {
          missingSince = undefined
          tries = 0
          text.take(batch, isJson)
        },
        onStatus(status) {
          // It is the same reading that goes on.
          if (!isAgain || status.kind !== 'connecting') text.onStatus(status)
          isAgain = false
        },
      })
      isAgain = true
    } catch (error) {
      if (!(error instanceof StreamError) || error.code !== 'not-found') throw error
      missingSince ??= Date.now()
      if (Date.now() - missingSince >= text.waitMs) throw error
      await delay(Math.min(MAX_WAIT_STEP_MS, WAIT_STEP_MS * 2 ** tries++), text.signal)
    }
  }
}

/** Reads on until the stream is closed, or has to be read in another way. */
async function readOn(text: TextReading): Promise<void> {
  const isCut = (): boolean => text.look().rest.length > 0
  // Server-sent events cannot carry the rest of a character.
  const live = isCut() ? 'long-poll' : true
  const reading: ReadOptions & Reading = {
    offset: text.look().offset,
    live,
    pauseWhenHidden: text.pauseWhenHidden,
    backoff: { maxAttempts: Infinity, maxTotalMs: Infinity },
    // What was lost and made again must not be shown from before.
    cache: 'no-cache',
    onStatus(status) {
      if (status.kind !== 'error' && !text.signal.aborted) text.onStatus(status)
    },
    onReset(error) {
      text.signal.throwIfAborted()
      text.onLost()
      if (error.code === 'not-found') throw error
    },
  }
  for await (const batch of follow(text.endpoint, reading, text.signal)) {
    // Another reading may go on from where this one is known to have ended.
    text.signal.throwIfAborted()
    text.take(batch, isJson(reading.contentType ?? null))
    if (batch.upToDate && isCut() !== (live === 'long-poll')) return
  }
}
