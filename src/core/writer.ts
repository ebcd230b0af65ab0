import { SequenceGapError } from './append-error.ts'
import type { BackoffPolicy } from './backoff.ts'
import type { Endpoint } from './endpoint.ts'
import { StreamError } from './errors.ts'
import { type Appended, isUnapplied, post } from './post.ts'
import { randomId } from './random-id.ts'
import { withRetry } from './retry.ts'

/** A request takes queued writes up to about this much, in characters or bytes. */
const MAX_REQUEST_SIZE = 1 << 20

export interface Payload<Data> {
  /** Zero for none, to close. */
  size: number
  data: Data
  /** Closes the stream with this write. */
  close: boolean
  /** Its own request headers: it shares no request then. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Takes back a write that waits. One that is on its way may still be stored. */
  signal?: AbortSignal | undefined
}

interface Write<Data> extends Payload<Data> {
  resolve: (appended: Appended) => void
  reject: (error: unknown) => void
}

export interface WriterOptions<Data> {
  endpoint: Endpoint
  contentType: () => string | undefined | Promise<string>
  /** Makes one request body of several writes. */
  join: (data: readonly Data[]) => Uint8Array<ArrayBuffer> | string
  backoff: BackoffPolicy
  /** Whether a repeated request is told from a new one; if not, one of unknown fate is not repeated. */
  exactlyOnce?: boolean
}

/** Takes writes, in order, and resolves each when the server has stored it. */
export type Writer<Data> = (payload: Payload<Data>) => Promise<Appended>

/**
 * Sends one request at a time; what arrives meanwhile joins into the next one. Each request carries
 * a producer's sequence number, so that one that is repeated after a lost answer is stored once.
 * Protocol sections 3 and 4.
 */
export function createWriter<Data>(options: WriterOptions<Data>): Writer<Data> {
  const queue: Write<Data>[] = []
  const send = createSender(options)
  let isDraining = false

  async function drain(): Promise<void> {
    while (queue.length > 0) await sendTogether(takeRequest(queue))
    isDraining = false
  }

  async function sendTogether(taken: readonly Write<Data>[]): Promise<void> {
    const writes = taken.filter(({ signal }) => !signal?.aborted)
    if (writes.length === 0) return
    try {
      const appended = await send(writes)
      for (const { resolve } of writes) resolve(appended)
    } catch (error) {
      const half = writes.length >> 1
      if (half > 0 && isOfContent(error)) {
        // One of them is to blame, and takes no neighbours along.
        await sendTogether(writes.slice(0, half))
        await sendTogether(writes.slice(half))
      } else {
        for (const { reject } of writes) reject(error)
      }
    }
  }

  return (payload) =>
    new Promise((resolve, reject) => {
      queue.push({ ...payload, resolve, reject })
      if (isDraining) return
      isDraining = true
      // What is appended in the same turn goes in the same request.
      queueMicrotask(() => void drain())
    })
}

function isOfContent(error: unknown): boolean {
  return (
    error instanceof StreamError && (error.code === 'too-large' || error.code === 'bad-request')
  )
}

function takeRequest<Data>(queue: Write<Data>[]): Write<Data>[] {
  let size = 0
  let count = 0
  for (const write of queue) {
    size += write.size
    if (count > 0 && (write.headers || size > MAX_REQUEST_SIZE)) break
    count++
    if (write.headers || write.close) break
  }
  return queue.splice(0, count)
}

/** @returns what sends some writes as one, until the server has answered or too many tries failed. */
function createSender<Data>(options: WriterOptions<Data>) {
  const { endpoint, join, backoff, exactlyOnce = true } = options
  let id: string
  let seq: number

  function startOver(): void {
    id = randomId()
    seq = 0
  }
  startOver()

  return async (writes: readonly Write<Data>[]): Promise<Appended> => {
    const { close, headers, signal: own } = writes.at(-1)!
    const signal = writes.every((write) => write.signal === own) ? own : undefined
    const data = writes.filter(({ size }) => size > 0).map((write) => write.data)
    const body = data.length > 0 ? join(data) : undefined
    let mayBeStored = false

    async function attempt(): Promise<Appended> {
      try {
        const contentType = await options.contentType()
        const producer = exactlyOnce ? { id, epoch: 0, seq } : undefined
        return await post(endpoint, { contentType, body, close, producer, headers, signal })
      } catch (error) {
        // The server forgot this producer. If it never saw this write, a new one may send it, once:
        // a gap before a producer's first write is a fault of the server.
        if (error instanceof SequenceGapError && seq > 0 && !mayBeStored) {
          startOver()
          return attempt()
        }
        if (!isUnapplied(error)) {
          mayBeStored = true
          if (!exactlyOnce && error instanceof StreamError) {
            Object.defineProperty(error, 'retryable', { value: false })
          }
        }
        throw error
      }
    }

    try {
      const appended = await withRetry(attempt, backoff, signal)
      seq++
      return appended
    } catch (error) {
      // Its number may be taken or not: later writes must not be mistaken for its repetition.
      if (mayBeStored) startOver()
      throw error
    }
  }
}
