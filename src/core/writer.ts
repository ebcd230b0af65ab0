import { SequenceGapError } from './append-error.ts'
import type { StreamError } from './errors.ts'
import { type Appended, post, type Post, type Target } from './post.ts'
import { randomId } from './random-id.ts'
import { withRetry } from './retry.ts'

/** A request takes queued writes up to about this much, in characters or bytes. */
const MAX_REQUEST_SIZE = 1 << 20

/** Text or bytes. */
interface Sized {
  readonly length: number
}

export interface Payload<Data> {
  /** Empty only to close. */
  data: Data
  /** Closes the stream with this write. */
  close?: boolean | undefined
  /** Its own request headers: it shares no request then. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Takes back a write that waits. One that is on its way may still be stored. */
  signal?: AbortSignal | undefined
}

interface Write<Data> extends Payload<Data> {
  resolve: (appended: Appended) => void
  reject: (error: unknown) => void
}

type Join<Data> = (data: readonly Data[]) => Uint8Array<ArrayBuffer> | string

/** Takes writes, in order, and resolves each when the server has stored it. */
export type Writer<Data> = (payload: Payload<Data>) => Promise<Appended>

/**
 * Sends one request at a time; what arrives meanwhile joins into the next one. Each request carries
 * a producer's sequence number, so that one that is repeated after a lost answer is stored once.
 * Protocol sections 3 and 4.
 *
 * @param join makes one request body of several writes.
 * @param forbidRetry requests name no producer then, so that a repeated one could not be told from a
 *   new one; it is given each error that leaves open whether one is stored, and makes that `retryable`
 *   no more.
 */
export function createWriter<Data extends Sized>(
  target: Target,
  join: Join<Data>,
  forbidRetry?: (error: unknown) => void,
): Writer<Data> {
  const queue: Write<Data>[] = []
  const send = createSender(target, join, forbidRetry)
  let isDraining = false

  async function drain(): Promise<void> {
    // What is appended in the same turn goes in the same request.
    await Promise.resolve()
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
      void drain()
    })
}

function isOfContent(error: unknown): boolean {
  return /^(too-large|bad-request)$/.test((error as StreamError | undefined)?.code ?? '')
}

function takeRequest<Data extends Sized>(queue: Write<Data>[]): Write<Data>[] {
  let size = 0
  let count = 0
  for (const write of queue) {
    size += write.data.length
    if (count > 0 && (write.headers || size > MAX_REQUEST_SIZE)) break
    count++
    if (write.headers || write.close) break
  }
  return queue.splice(0, count)
}

/** @returns what sends some writes as one, until the server has answered or too many tries failed. */
function createSender<Data extends Sized>(
  target: Target,
  join: Join<Data>,
  forbidRetry?: (error: unknown) => void,
) {
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
    const data = writes.map((write) => write.data).filter(({ length }) => length > 0)
    const body = data.length > 0 ? join(data) : undefined
    const request: Post = { body, close, headers, epoch: 0, seq }

    async function attempt(): Promise<Appended> {
      try {
        return await post(target, request, forbidRetry ? undefined : id, signal)
      } catch (error) {
        if (request.mayBeStored) forbidRetry?.(error)
        // The server forgot this producer. If it never saw this write, a new one may send it, once:
        // a gap before a producer's first write is a fault of the server.
        else if (error instanceof SequenceGapError && seq > 0) {
          startOver()
          request.seq = seq
          return attempt()
        }
        throw error
      }
    }

    try {
      const appended = await withRetry(attempt, target.endpoint.backoff, signal)
      seq++
      return appended
    } catch (error) {
      // Its number may be taken or not: later writes must not be mistaken for its repetition.
      if (request.mayBeStored) startOver()
      throw error
    }
  }
}
