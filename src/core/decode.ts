import type { Batch, BytesArrival, JsonBatch, TextArrival } from './batch.ts'
import { parseJson } from './parse-json.ts'
import { createUtf8Decoder } from './text.ts'

/** Reads a stream of JSON, batch by batch, with {@link parseItems}. */
export async function* decodeJson<Item>(
  batches: AsyncIterable<Batch>,
): AsyncGenerator<JsonBatch<Item>, void> {
  for await (const batch of batches) yield parseItems(batch)
}

/**
 * Reads a batch of a JSON stream, whose parts are text.
 *
 * @throws {StreamError} `malformed` for what is not JSON arrays.
 */
export function parseItems<Item>({ parts, ...arrival }: Batch): JsonBatch<Item> {
  // All at once: many small parts take half the time.
  const arrays = parseJson<Item[][]>(
    `[${parts.join()}]`,
    (value) => value.length === parts.length && value.every(Array.isArray),
    `No JSON before offset ${arrival.offset}: is this a JSON stream?`,
  )
  const items: Item[] = []
  // Takes a fifth of the time of `flat()`.
  for (const array of arrays) for (const item of array) items.push(item)
  return { ...arrival, items }
}

/** Reads text; a character that two batches share comes with the later one. */
export function createTextDecoder(): (batch: Batch) => TextArrival {
  const decode = createUtf8Decoder()
  return ({ parts, ...arrival }) => {
    const text = parts.map((part) => (typeof part === 'string' ? part : decode(part)))
    if (arrival.streamClosed) text.push(decode())
    return { ...arrival, text: text.join('') }
  }
}

export function bytesOf({ parts, ...arrival }: Batch): BytesArrival {
  const encoder = new TextEncoder()
  const bytes = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part))
  return { ...arrival, data: joinBytes(bytes) }
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
