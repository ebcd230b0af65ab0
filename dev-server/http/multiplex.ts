import { busyAnswer, errorAnswer } from './error-answer.ts'
import { failureAnswer } from './failure.ts'
import { carry } from './multiplex-carry.ts'
import { MultiplexedStream } from './multiplexed-stream.ts'
import { checkMultiplexType, maxMultiplexBytes, parseMultiplex } from './parse-multiplex.ts'
import { parseRead } from './parse-read.ts'
import { SSE_HEADERS } from './sse-headers.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'
import type { Wanted } from './parse-multiplex.ts'

/**
 * Follows many streams over one response, each as an SSE read of it alone would; none disturbs
 * another. docs/protocol-extensions.md.
 */
export async function serveMultiplexed(house: House, exchange: Exchange): Promise<Answer> {
  const { method, headers } = exchange
  if (method !== 'POST') {
    return errorAnswer(405, 'bad-request', `${method} is not POST`, { allow: 'POST' })
  }
  checkMultiplexType(headers)
  const { hub, maxMultiplexedStreams, maxBodyBytes, maxLiveReaders } = house
  const body = await exchange.body(maxMultiplexBytes(maxMultiplexedStreams, maxBodyBytes))
  const wanted = parseMultiplex(body, maxMultiplexedStreams)
  if (hub.size >= maxLiveReaders) return busyAnswer(maxLiveReaders)
  const streams = wanted.map((one) => openStream(house, one))
  return {
    status: 200,
    headers: SSE_HEADERS,
    body: (response) => carry(house, exchange, streams, response),
  }
}

/** An offset that is none is the matter of this stream alone. */
function openStream(house: House, wanted: Wanted): MultiplexedStream {
  const { offset } = wanted
  const query = new URLSearchParams({ live: 'sse', ...(offset !== undefined && { offset }) })
  try {
    return new MultiplexedStream(house, wanted, parseRead(query).start)
  } catch (error) {
    const stream = new MultiplexedStream(house, wanted, 0)
    stream.refuse(failureAnswer(house, error))
    return stream
  }
}
