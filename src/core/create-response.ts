import type { Arrival, Batch } from './batch.ts'
import { bytesOf, createTextDecoder, joinBytes, parseItems } from './decode.ts'
import { createReader, type Reader } from './reader.ts'
import type { StreamResponse } from './stream-response.ts'

type Decode<A> = (batch: Batch) => A

/**
 * @param first what came already, before `batches`.
 * @param controller aborting it ends the reading.
 */
export function createResponse<Item>(
  about: Pick<StreamResponse, 'url' | 'contentType' | 'startOffset' | 'live'>,
  first: Batch,
  batches: AsyncGenerator<Batch, void>,
  controller: AbortController,
): StreamResponse<Item> {
  const start = { offset: about.startOffset, upToDate: false, streamClosed: false }
  const reader = createReader(about.url, start, first, batches, controller)
  return {
    ...about,
    closed: reader.closed,
    get offset() {
      return reader.at.offset
    },
    get cursor() {
      return reader.at.cursor
    },
    get upToDate() {
      return reader.at.upToDate
    },
    get streamClosed() {
      return reader.at.streamClosed
    },
    json: async () => (await readAll(reader, parseItems<Item>)).flatMap(({ items }) => items),
    text: async () => (await readAll(reader, createTextDecoder())).map(({ text }) => text).join(''),
    body: async () => joinBytes((await readAll(reader, bytesOf)).map(({ data }) => data)),
    jsonStream: () => toStream(reader, parseItems<Item>, ({ items }) => items),
    textStream: () => toStream(reader, createTextDecoder(), ({ text }) => (text ? [text] : [])),
    bodyStream: () => toStream(reader, bytesOf, ({ data }) => (data.length > 0 ? [data] : [])),
    jsonBatches: () => iterate(reader, parseItems<Item>),
    subscribeJson: (onItems) => subscribe(reader, parseItems<Item>, onItems),
    subscribeText: (onText) => subscribe(reader, createTextDecoder(), onText),
    subscribeBytes: (onBytes) => subscribe(reader, bytesOf, onBytes),
    cancel: reader.cancel,
  }
}

async function readAll<A extends Arrival>(reader: Reader, decode: Decode<A>): Promise<A[]> {
  const next = reader.read(decode)
  const all: A[] = []
  for (let came; !came?.upToDate && (came = await next()); ) all.push(came)
  reader.at = all.at(-1)!
  reader.cancel()
  return all
}

async function* iterate<A extends Arrival>(
  reader: Reader,
  decode: Decode<A>,
): AsyncGenerator<A, void> {
  const next = reader.read(decode)
  try {
    for (let came; (came = await next()); ) {
      reader.at = came
      yield came
    }
  } finally {
    reader.cancel()
  }
}

function subscribe<A extends Arrival>(
  reader: Reader,
  decode: Decode<A>,
  onArrival: (arrival: A) => unknown,
): () => void {
  let taken = reader.at
  const next = reader.read(async (batch) => {
    const came = decode(batch)
    reader.at = came
    await onArrival(came)
    return (taken = came)
  })
  const run = async (): Promise<void> => {
    while (await next());
  }
  run().catch(() => {
    // What the callback threw at was not handed over.
    reader.at = taken
  })
  return () => reader.cancel()
}

function toStream<A extends Arrival, Chunk>(
  reader: Reader,
  decode: Decode<A>,
  chunksOf: (arrival: A) => readonly Chunk[],
): ReadableStream<Chunk> {
  const next = reader.read(decode)
  let given = reader.at
  let chunks: Iterator<Chunk> = [].values()
  return new ReadableStream<Chunk>(
    {
      // One by one: a stream that holds many at once may take quadratic time to give them away.
      pull: async (stream) => {
        let chunk
        while ((chunk = chunks.next()).done) {
          // Asked for more: the batch before has been taken whole.
          reader.at = given
          const came = await next()
          if (!came) return stream.close()
          given = came
          chunks = chunksOf(came).values()
        }
        stream.enqueue(chunk.value)
      },
      cancel: reader.cancel,
    },
    { highWaterMark: 0 },
  )
}
