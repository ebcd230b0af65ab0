import type { Arrival, Batch } from './batch.ts'
import { bytesOf, createTextDecoder, joinBytes, parseItems } from './decode.ts'
import { StreamError } from './errors.ts'
import type { LiveMode } from './read-state.ts'
import type { StreamResponse } from './stream-response.ts'

export interface StreamResponseSource {
  url: string
  contentType: string
  startOffset: string
  live: LiveMode
  /** What came already, before `batches`. */
  first?: Batch | undefined
  batches: AsyncGenerator<Batch, void>
  /** Aborting it ends the reading. */
  controller: AbortController
}

// Longer than most functions: the ways of reading stand together, each a line or two over one reader.
export function createResponse<Item>({
  first,
  batches,
  controller,
  ...about
}: StreamResponseSource): StreamResponse<Item> {
  let last: Arrival = { offset: about.startOffset, upToDate: false, streamClosed: false }
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
      throw new StreamError('invalid', `${about.url} is being read already: call stream() again`)
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

  async function readAll<A extends Arrival>(decode: (batch: Batch) => A): Promise<A[]> {
    const next = readWith(decode)
    const all: A[] = []
    for (let came; !came?.upToDate && (came = await next()); ) all.push(came)
    last = all.at(-1)!
    cancel()
    return all
  }

  async function* iterate<A extends Arrival>(decode: (batch: Batch) => A): AsyncGenerator<A, void> {
    const next = readWith(decode)
    try {
      for (let came; (came = await next()); ) {
        last = came
        yield came
      }
    } finally {
      cancel()
    }
  }

  function subscribe<A extends Arrival>(
    decode: (batch: Batch) => A,
    onArrival: (arrival: A) => unknown,
  ): () => void {
    let taken = last
    const next = readWith(async (batch) => {
      const came = decode(batch)
      last = came
      await onArrival(came)
      return (taken = came)
    })
    const run = async (): Promise<void> => {
      while (await next());
    }
    run().catch(() => {
      // What the callback threw at was not handed over.
      last = taken
    })
    return () => cancel()
  }

  function toStream<A extends Arrival, Chunk>(
    decode: (batch: Batch) => A,
    chunksOf: (arrival: A) => readonly Chunk[],
  ): ReadableStream<Chunk> {
    const next = readWith(decode)
    let given = last
    let chunks: Iterator<Chunk> = [].values()
    return new ReadableStream<Chunk>(
      {
        // One by one: a stream that holds many at once may take quadratic time to give them away.
        pull: async (stream) => {
          let chunk
          while ((chunk = chunks.next()).done) {
            // Asked for more: the batch before has been taken whole.
            last = given
            const came = await next()
            if (!came) return stream.close()
            given = came
            chunks = chunksOf(came).values()
          }
          stream.enqueue(chunk.value)
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
      return last.offset
    },
    get cursor() {
      return last.cursor
    },
    get upToDate() {
      return last.upToDate
    },
    get streamClosed() {
      return last.streamClosed
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
