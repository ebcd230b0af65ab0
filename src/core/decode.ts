import type { Batch, JsonBatch } from './batch.ts'
import { parseJson } from './parse-json.ts'

/**
 * Reads the items of each batch of a JSON stream.
 *
 * @throws {StreamError} `malformed` at the first batch that is not JSON arrays.
 */
export async function* decodeJson<Item>(
  batches: AsyncIterable<Batch>,
): AsyncGenerator<JsonBatch<Item>, void> {
  for await (const { parts, ...arrival } of batches) {
    yield { items: parts.flatMap((part) => parseItems<Item>(part, arrival.offset)), ...arrival }
  }
}

/** The text of each batch; a character cut in two by the wire is kept for the next one. */
export function createTextDecoder(): (batch: Batch) => string {
  const decoder = new TextDecoder()
  return ({ parts, streamClosed }) => {
    const text = parts.map((part) =>
      typeof part === 'string' ? decoder.decode() + part : decoder.decode(part, { stream: true }),
    )
    return text.join('') + (streamClosed ? decoder.decode() : '')
  }
}

/** The bytes of one batch. */
export function bytesOf({ parts }: Batch): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder()
  return joinBytes(parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part)))
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

function parseItems<Item>(part: Uint8Array | string, offset: string): Item[] {
  return parseJson<Item[]>(
    typeof part === 'string' ? part : new TextDecoder().decode(part),
    Array.isArray,
    `The batch before offset ${offset} is no JSON array: is this a JSON stream?`,
  )
}
