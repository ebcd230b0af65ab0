import type { Appended } from './post.ts'
import { IdempotentProducer } from './producer.ts'
import { randomId } from './random-id.ts'
import type { StreamHandle } from './stream-handle.ts'

export interface PipeOptions {
  /** Ends the piping at once, and cancels the source, when it aborts. */
  signal?: AbortSignal | undefined
  /** Whether to close the stream when the source has ended, with its last values. Default `false`. */
  close?: boolean | undefined
}

/** What can be piped: its values are appended as `append` would, empty ones skipped. */
export type Source<Item> =
  | ReadableStream<Item | string | Uint8Array>
  | AsyncIterable<Item | string | Uint8Array>
  | Iterable<Item | string | Uint8Array>

/** One request on its way, one in the making: the source is not read further ahead. */
const MAX_REQUEST_BYTES = 1 << 19

/** Appends all that `source` gives, at the pace of the server. */
export async function appendSource<Item>(
  stream: StreamHandle<Item>,
  source: Source<Item>,
  options: PipeOptions,
): Promise<Appended> {
  let stored!: Appended
  const target = createWritable(stream, options, (appended) => (stored = appended))
  const { signal } = options
  await toReadable(source).pipeTo(target, signal && { signal })
  return stored
}

/** Appends all that is written to it. What was written before it is aborted is stored all the same. */
export function createWritable<Item>(
  stream: StreamHandle<Item>,
  { signal, close }: PipeOptions,
  onStored?: (appended: Appended) => void,
): WritableStream<Item | string | Uint8Array> {
  let producer: IdempotentProducer<Item>
  return new WritableStream({
    start(controller) {
      producer = new IdempotentProducer<Item>(stream, randomId(), {
        maxInFlight: 1,
        lingerMs: 0,
        maxBatchBytes: MAX_REQUEST_BYTES,
        maxBufferedBytes: MAX_REQUEST_BYTES,
        signal,
        onError: (error) => controller.error(error),
      })
    },
    write: (value) => producer.append(value),
    async close() {
      const stored = await (close ? producer.close() : producer.detach())
      onStored?.(stored)
    },
    abort: () => producer.detach() as Promise<unknown> as Promise<void>,
  })
}

/** By hand: not all browsers can make a ReadableStream of what can be iterated. */
function toReadable<Value>(
  source: ReadableStream<Value> | AsyncIterable<Value> | Iterable<Value>,
): ReadableStream<Value> {
  if ('pipeTo' in source) return source
  const values: AsyncIterator<Value> | Iterator<Value> =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await values.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      // Not waited for: a generator that waits for something cannot be stopped before.
      cancel: () => void (async () => values.return?.())().catch(() => undefined),
    },
    { highWaterMark: 0 },
  )
}
