import { DEFAULT_BACKOFF } from '../../core/backoff.ts'
import type { JsonBatch } from '../../core/batch.ts'
import { decodeJson } from '../../core/decode.ts'
import { createEndpoint } from '../../core/endpoint.ts'
import { asStreamError, type StreamError } from '../../core/errors.ts'
import { follow } from '../../core/follow.ts'
import { JSON_CONTENT_TYPE, NOW, TTL } from '../../core/protocol.ts'
import { withRetry } from '../../core/retry.ts'
import { send } from '../../core/send.ts'
import type { StreamStatus } from '../../core/status.ts'
import { guarded } from '../report-error.ts'
import { presenceEndpoint, type PresenceOptions, type PresenceRoom } from './options.ts'
import { type PresenceEvent, presenceText } from './presence-event.ts'

/** What is not answered by then is given up, and said again. */
const SAY_TIMEOUT_MS = 10_000

const backoff = { ...DEFAULT_BACKOFF, maxAttempts: Infinity, maxTotalMs: Infinity }
const headers = { 'content-type': JSON_CONTENT_TYPE }

export interface ConnectionOptions {
  room: PresenceRoom
  options: PresenceOptions
  signal: AbortSignal
  onStatus: (status: StreamStatus) => void
  /** The stream was lost, and what was said in it. */
  onLost: () => void
}

/** The presence stream of a room. */
export interface Connection {
  /**
   * Gives what is said from now on, until the stream is closed. It is made if it is missing.
   *
   * @throws what else ends the reading.
   */
  hear: (onBatch: (batch: JsonBatch) => void) => Promise<void>
  /** @returns whether that is done: not if it should be said again soon. */
  say: (event: PresenceEvent) => Promise<boolean>
  /** By a request that outlives the page, and for which nobody waits. */
  sayAtLast: (event: PresenceEvent) => void
}

/** @throws {StreamError} `invalid` for a URL that is none. */
export function openConnection(connecting: ConnectionOptions): Connection {
  const { room, options, signal, onStatus, onLost } = connecting
  const endpoint = presenceEndpoint(room, options.name)
  let isLast = false
  let refusal: string | undefined
  const ears = createEndpoint(endpoint)
  const mouth = createEndpoint({
    ...endpoint,
    timeoutMs: SAY_TIMEOUT_MS,
    fetch: (input, init) => (endpoint.fetch ?? fetch)(input, { ...init, keepalive: isLast }),
  })
  const post = (event: PresenceEvent) =>
    ({ method: 'POST', headers, body: presenceText(event) }) as const

  async function create(): Promise<void> {
    const request = {
      method: 'PUT',
      headers: { ...headers, [TTL]: `${options.ttlSeconds ?? 300}` },
      signal,
    } as const
    try {
      await withRetry(() => send(ears, request), backoff, signal)
    } catch (error) {
      // Made with another lifetime: it is there.
      if ((error as StreamError).code !== 'conflict') throw error
    }
  }

  return {
    async hear(onBatch) {
      const onReset = async ({ code }: StreamError): Promise<string> => {
        onLost()
        if (code === 'not-found') await create()
        return NOW
      }
      // Who is hidden sees who asks, and answers.
      const reading = { offset: NOW, backoff, pauseWhenHidden: false, onStatus, onReset }
      for await (const batch of decodeJson(follow(ears, reading, signal))) {
        if (!signal.aborted) onBatch(batch)
      }
    },
    async say(event) {
      isLast = false
      try {
        await send(mouth, { ...post(event), signal })
        refusal = undefined
      } catch (cause) {
        if (signal.aborted) return true
        const error = asStreamError(cause)
        const { code, retryable } = error
        // The reader makes a stream that is missing.
        if (retryable || code === 'not-found' || code === 'gone') return false
        if (refusal !== code) guarded(options.onError)(error)
        refusal = code
      }
      return true
    },
    sayAtLast(event) {
      isLast = true
      mouth.request(post(event)).catch(() => {})
    },
  }
}
