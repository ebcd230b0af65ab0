import { explainAppend, SequenceGapError } from './append-error.ts'
import { backoffDelayMs, type BackoffPolicy } from './backoff.ts'
import { delay } from './delay.ts'
import type { Endpoint } from './endpoint.ts'
import { StreamError } from './errors.ts'
import { HEADER, WRITE_HEADER } from './protocol.ts'
import { randomId } from './random-id.ts'

/** A request takes queued writes up to about this much, in characters or bytes. */
const MAX_REQUEST_SIZE = 1 << 20

export interface Payload<Data> {
  size: number
  data: Data
  /** Closes the stream with this write. */
  close: boolean
}

interface Write<Data> extends Payload<Data> {
  resolve: () => void
  reject: (error: unknown) => void
}

export interface WriterOptions<Data> {
  endpoint: Endpoint
  contentType: () => Promise<string>
  /** Makes one request body of several writes. */
  join: (data: readonly Data[]) => Uint8Array<ArrayBuffer> | string
  backoff: BackoffPolicy
}

/** Takes writes, in order, and resolves each when the server has stored it. */
export type Writer<Data> = (payload: Payload<Data>, signal?: AbortSignal) => Promise<void>

/**
 * Sends one request at a time; what arrives meanwhile joins into the next one. Each request carries
 * a producer's sequence number, so that one that is repeated after a lost answer is stored once.
 * Protocol sections 3 and 4.
 */
export function createWriter<Data>(options: WriterOptions<Data>): Writer<Data> {
  const send = createProducer(options)
  const queue: Write<Data>[] = []
  let isDraining = false

  async function drain(): Promise<void> {
    while (queue.length > 0) await sendTogether(takeRequest(queue))
    isDraining = false
  }

  async function sendTogether(writes: readonly Write<Data>[]): Promise<void> {
    try {
      const data = writes.filter(({ size }) => size > 0).map((write) => write.data)
      await send(data.length > 0 ? options.join(data) : undefined, writes.at(-1)!.close)
      for (const { resolve } of writes) resolve()
    } catch (error) {
      if (writes.length > 1 && isOfContent(error)) {
        // One of them is to blame: alone, it takes no neighbours along.
        for (const write of writes) await sendTogether([write])
      } else {
        for (const { reject } of writes) reject(error)
      }
    }
  }

  return (payload, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const write: Write<Data> = { ...payload, resolve, reject }
      queue.push(write)
      if (signal) rejectOnAbort(queue, write, signal)
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

/** An abort takes a waiting write out of the queue; one that is on its way may still be stored. */
function rejectOnAbort<Data>(queue: Write<Data>[], write: Write<Data>, signal: AbortSignal): void {
  const { resolve, reject } = write
  const onAbort = (): void => {
    const at = queue.indexOf(write)
    if (at !== -1) queue.splice(at, 1)
    reject(signal.reason)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  const settled = (): void => signal.removeEventListener('abort', onAbort)
  write.resolve = () => (settled(), resolve())
  write.reject = (error) => (settled(), reject(error))
}

function takeRequest<Data>(queue: Write<Data>[]): Write<Data>[] {
  let size = 0
  let count = 0
  for (const write of queue) {
    if (count > 0 && size + write.size > MAX_REQUEST_SIZE) break
    size += write.size
    count++
    if (write.close) break
  }
  return queue.splice(0, count)
}

function createProducer<Data>({ endpoint, contentType, backoff }: WriterOptions<Data>) {
  let id = randomId()
  let seq = 0

  function startOver(): void {
    id = randomId()
    seq = 0
  }

  /** @throws {StreamError} when the write was refused, or its fate is unknown after many tries. */
  return async (
    body: Uint8Array<ArrayBuffer> | string | undefined,
    close: boolean,
  ): Promise<void> => {
    let mayBeStored = false
    for (let attempt = 1; ; attempt++) {
      try {
        const headers = {
          ...(body !== undefined && { 'content-type': await contentType() }),
          ...(close && { [HEADER.closed]: 'true' }),
          [WRITE_HEADER.producerId]: id,
          [WRITE_HEADER.producerEpoch]: '0',
          [WRITE_HEADER.producerSeq]: String(seq),
        }
        await endpoint.send({ method: 'POST', headers, body, explain: explainAppend })
        seq++
        return
      } catch (error) {
        // The server forgot this producer. If it never saw this write, a new one may send it, once:
        // a gap before a producer's first write is a fault of the server.
        if (error instanceof SequenceGapError && seq > 0 && !mayBeStored) {
          startOver()
          continue
        }
        const mayHelp = error instanceof StreamError && error.retryable
        mayBeStored ||= mayHelp
        if (!mayHelp || attempt >= backoff.maxAttempts) {
          // Its number may be taken or not: later writes must not be mistaken for its repetition.
          if (mayBeStored) startOver()
          throw error
        }
        await delay(backoffDelayMs(attempt, backoff, error.retryAfterMs))
      }
    }
  }
}
