import type { DurableStream } from './durable-stream.ts'
import { StreamError } from './errors.ts'
import type { Appended } from './post.ts'
import { IdempotentProducer } from './producer.ts'
import type { ProducerOptions } from './producer-options.ts'
import { randomId } from './random-id.ts'

export interface PipeOptions {
  /** Ends the piping, and cancels the source, when it aborts. */
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
function createPipe<Item>(
  stream: DurableStream<Item>,
  options: ProducerOptions,
): IdempotentProducer<Item> {
  const maxBytes = 1 << 19
  return new IdempotentProducer<Item>(stream, randomId(), {
    ...options,
    maxInFlight: 1,
    lingerMs: 0,
    maxBatchBytes: maxBytes,
    maxBufferedBytes: maxBytes,
  })
}

/** Appends all that `source` gives, at the pace of the server. */
export function appendSource<Item>(
  stream: DurableStream<Item>,
  source: Source<Item>,
  { signal, close }: PipeOptions,
): Promise<Appended> {
  return new Promise((resolve, reject) => {
    const { next, stop } = pull(source)
    const onError = (error: unknown): void => {
      stop(error)
      reject(error as Error)
    }
    const producer = createPipe(stream, { signal, onError })

    async function run(): Promise<Appended> {
      try {
        for (;;) {
          const { done, value } = await next()
          if (done) break
          await producer.append(value as Item)
        }
      } catch (cause) {
        const { offset } = await producer.flush()
        const message = `Piping ended early, what came before is stored: ${String(cause)}`
        throw new StreamError('invalid', message, { cause, offset })
      }
      return close ? producer.close() : producer.detach()
    }
    run().then(resolve, (error: unknown) => producer.abort(error))
  })
}

/** Appends all that is written to it. */
export function createWritable<Item>(
  stream: DurableStream<Item>,
  { signal, close }: PipeOptions,
): WritableStream<Item | string | Uint8Array> {
  let producer: IdempotentProducer<Item>
  return new WritableStream({
    start(controller) {
      producer = createPipe(stream, { signal, onError: (error) => controller.error(error) })
    },
    write: (value) => producer.append(value),
    async close() {
      await (close ? producer.close() : producer.detach())
    },
    abort: (reason) => producer.abort(reason),
  })
}

interface Pull<Value> {
  next: () => Promise<IteratorResult<Value, unknown>>
  /** Lets go of the source, which may be busy. */
  stop: (reason: unknown) => void
}

function pull<Value>(
  source: ReadableStream<Value> | AsyncIterable<Value> | Iterable<Value>,
): Pull<Value> {
  // Safari's ReadableStream is not iterable, and no iterator can be stopped while it waits.
  if (source instanceof ReadableStream) {
    const reader = source.getReader()
    return {
      next: () => reader.read() as Promise<IteratorResult<Value, unknown>>,
      stop: (reason) => void reader.cancel(reason).catch(() => undefined),
    }
  }
  const values: AsyncIterator<Value> | Iterator<Value> =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  return {
    next: async () => values.next(),
    stop: () => void (async () => values.return?.())().catch(() => undefined),
  }
}
