import type { Arrival, Batch } from './batch.ts'
import { bytesOf, createTextDecoder, joinBytes, parseItems } from './decode.ts'
import { StreamError } from './errors.ts'
import type { StreamResponse } from './stream-response.ts'

type Decode<A> = (batch: Batch) => A

// One closure of many short functions, since it is smaller than a class: docs/decisions/0006.
/**
 * The ways of reading, each a line or two over one reader.
 *
 * @param first what came already, before `batches`.
 * @param controller aborting it ends the reading.
 */
export function createResponse<Item>(
  about: Pick<StreamResponse, 'url' | 'contentType' | 'startOffset' | 'live'>,
  first: Batch | undefined,
  batches: AsyncGenerator<Batch, void>,
  controller: AbortController,
): StreamResponse<Item> {
  /** How far was handed over. */
  let at: Arrival = { offset: about.startOffset, upToDate: false, streamClosed: false }
  let isTaken = false
  let fail: (error: unknown) => void
  const closed = new Promise<void>((resolve, reject) => {
    fail = reject
    controller.signal.addEventListener('abort', () => {
      resolve()
      // What waits to hand over a batch frees its connection now.
      batches.return().catch(ignore)
    })
  })
  // Not awaiting `closed` is allowed; its failure must not end the process.
  closed.catch(ignore)
  const cancel = (reason?: unknown): void => controller.abort(reason)

  /** The only reader. However the reading ends, the connection ends, and `closed` tells. */
  function readWith<A>(take: (batch: Batch) => A | Promise<A>): () => Promise<A | undefined> {
    if (isTaken) {
      throw new StreamError('invalid', `${about.url} is read already: call stream() again`)
    }
    isTaken = true
    return async () => {
      try {
        const batch = first ?? (await batches.next()).value
        first = undefined
        controller.signal.throwIfAborted()
        if (batch) return await take(batch)
        cancel()
      } catch (error) {
        fail(error)
        cancel(error)
        throw error
      }
      return undefined
    }
  }

  async function readAll<A extends Arrival>(decode: Decode<A>): Promise<A[]> {
    const next = readWith(decode)
    const all: A[] = []
    for (let came; !came?.upToDate && (came = await next()); ) all.push(came)
    at = all.at(-1)!
    cancel()
    return all
  }

  async function* iterate<A extends Arrival>(decode: Decode<A>): AsyncGenerator<A, void> {
    const next = readWith(decode)
    try {
      for (let came; (came = await next()); ) {
        at = came
        yield came
      }
    } finally {
      cancel()
    }
  }

  function subscribe<A extends Arrival>(
    decode: Decode<A>,
    onArrival: (arrival: A) => unknown,
  ): () => void {
    const next = readWith(async (batch) => {
      const before = at
      const came = decode(batch)
      at = came
      try {
        await onArrival(came)
      } catch (error) {
        // What the callback threw at was not handed over.
        at = before
        throw error
      }
      return came
    })
    const run = async (): Promise<void> => {
      while (await next());
    }
    run().catch(ignore)
    return () => cancel()
  }

  function toStream<A extends Arrival, Chunk>(
    decode: Decode<A>,
    chunksOf: (arrival: A) => readonly Chunk[],
  ): ReadableStream<Chunk> {
    const next = readWith(decode)
    let given = at
    let chunks: readonly Chunk[] = []
    let taken = 0
    return new ReadableStream<Chunk>(
      {
        // Some at a time: a stream may take quadratic time to give away the many that it holds.
        pull: async (stream) => {
          while (taken >= chunks.length) {
            // Asked for more: the batch before has been taken whole.
            at = given
            const came = await next()
            if (!came) return stream.close()
            given = came
            chunks = chunksOf(came)
            taken = 0
          }
          for (const chunk of chunks.slice(taken, (taken += 64))) stream.enqueue(chunk)
        },
        cancel,
      },
      { highWaterMark: 0 },
    )
  }

  return {
    ...about,
    closed,
    get offset() {
      return at.offset
    },
    get cursor() {
      return at.cursor
    },
    get upToDate() {
      return at.upToDate
    },
    get streamClosed() {
      return at.streamClosed
    },
    json: async () => (await readAll(parseItems<Item>)).flatMap(({ items }) => items),
    text: async () => (await readAll(createTextDecoder())).map(({ text }) => text).join(''),
    body: async () => joinBytes((await readAll(bytesOf)).map(({ data }) => data)),
    jsonStream: () => toStream(parseItems<Item>, ({ items }) => items),
    textStream: () => toStream(createTextDecoder(), ({ text }) => (text ? [text] : [])),
    bodyStream: () => toStream(bytesOf, ({ data }) => (data.length > 0 ? [data] : [])),
    jsonBatches: () => iterate(parseItems<Item>),
    subscribeJson: (onItems) => subscribe(parseItems<Item>, onItems),
    subscribeText: (onText) => subscribe(createTextDecoder(), onText),
    subscribeBytes: (onBytes) => subscribe(bytesOf, onBytes),
    cancel,
  }
}

function ignore(): void {}
