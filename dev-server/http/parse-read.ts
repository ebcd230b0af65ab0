import { StreamError } from '../../src/core/errors.ts'
import { BEGINNING, NOW, QUERY } from '../../src/core/protocol.ts'
import { parseOffset } from '../operations/offset.ts'

/** What a GET asks for. Protocol section 5. */
export interface Read {
  /** Byte position to read from; `now` is the tail. */
  start: number | 'now'
  live: 'no' | 'long-poll' | 'sse'
  /** The cursor of the last live answer that this reader got. */
  cursor?: string
}

/** @throws {StreamError} `bad-request` for a query that no answer can be given to. */
export function parseRead(query: URLSearchParams): Read {
  const offset = only(query, QUERY.offset)
  const live = parseLive(only(query, QUERY.live))
  const cursor = only(query, QUERY.cursor)
  if (offset === undefined && live !== 'no') {
    throw new StreamError(
      'bad-request',
      `live=${live} needs an offset: -1, now or one you were given`,
    )
  }
  return { start: parseStart(offset ?? BEGINNING), live, ...(cursor !== undefined && { cursor }) }
}

function parseStart(offset: string): Read['start'] {
  if (offset === NOW) return 'now'
  return offset === BEGINNING ? 0 : parseOffset(offset)
}

function parseLive(live: string | undefined): Read['live'] {
  if (live === undefined) return 'no'
  if (live === 'long-poll' || live === 'sse') return live
  throw new StreamError('bad-request', `live=${live} is unknown: use live=long-poll or live=sse`)
}

function only(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name)
  if (values.length <= 1) return values[0]
  throw new StreamError('bad-request', `${name} is given ${values.length} times: give it once`)
}
