import type { Batch } from '../../core/batch.ts'
import { decodeJson } from '../../core/decode.ts'
import { createEndpoint } from '../../core/endpoint.ts'
import { StreamError } from '../../core/errors.ts'
import { follow } from '../../core/follow.ts'
import { createJsonStream, type JsonStream } from '../../core/json-stream.ts'
import type { Source } from './source.ts'
import { lifeOf } from './stream-life.ts'
import { takeTurn } from './turn.ts'

/** What is longer takes a while to parse, in characters: milliseconds. */
const LONG = 200_000

export interface OpenSource {
  stream: JsonStream
  /** Which stream answered last, where the server says. */
  life: () => string | undefined
  /** How many characters of JSON came since this was asked last. */
  takeCharacters: () => number
}

/**
 * A source as a stream to read. When another stream answers than the one that has been read, under
 * the same address, that one is `gone`.
 *
 * @param life the stream that has been read before.
 */
export function openSource<State, Action>(
  { url, headers, params, fetch = globalThis.fetch }: Source<State, Action>,
  life: string | undefined,
  onRequest: () => void,
): OpenSource {
  let characters = 0

  async function ask(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    onRequest()
    const response = await fetch(input, init)
    const { searchParams } = new URL(String(input))
    const answering = lifeOf(response, searchParams.get('offset'))
    if (answering !== undefined && life !== undefined && answering !== life) {
      life = undefined
      await response.body?.cancel()
      throw new StreamError('gone', `${url} is another stream now: it was made again`)
    }
    life = answering ?? life
    return response
  }

  async function* counted(batches: AsyncIterable<Batch>): AsyncGenerator<Batch, void> {
    for await (const batch of batches) {
      const length = batch.parts.reduce((sum, part) => sum + part.length, 0)
      characters += length
      // Parsing it takes a turn by itself.
      if (length > LONG) await takeTurn().next()
      yield batch
    }
  }

  const options = { url, headers, params, fetch: ask }
  const endpoint = createEndpoint(options)
  return {
    stream: {
      ...createJsonStream(options),
      follow: (read = {}) => decodeJson<never>(counted(follow(endpoint, { ...read }, read.signal))),
    },
    life: () => life,
    takeCharacters() {
      const taken = characters
      characters = 0
      return taken
    },
  }
}
