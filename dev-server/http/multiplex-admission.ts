import { QUERY } from '../../src/core/protocol.ts'
import { refusal } from './refusal.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'
import type { MultiplexedStream } from './multiplexed-stream.ts'

/** The rules are asked about so many streams of one request at a time. */
const AT_ONCE = 64

/** What says something of the body, which a read has none of. */
const OF_THE_BODY = ['content-type', 'content-length', 'content-encoding', 'transfer-encoding']

/**
 * Asks the application's rules about each of `streams`, as for a read of it alone, and lets it in
 * with the verdict; a rule that takes long holds up no other stream. Never rejects.
 */
export async function admit(
  house: House,
  exchange: Exchange,
  streams: readonly MultiplexedStream[],
  letIn: (stream: MultiplexedStream) => void,
  isOver: () => boolean,
): Promise<void> {
  if (!house.authorize) return streams.forEach(letIn)
  const requestOf = readRequests(house, exchange)
  const rest = streams.values()
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (const stream of rest) {
      if (isOver()) return
      if (!stream.isRefused) {
        const asked = { request: () => requestOf(stream) }
        const refused = await refusal(house, asked, stream.path, ['read'])
        if (refused) stream.refuse(refused)
      }
      letIn(stream)
      // Rules that answer at once would keep everybody else waiting.
      await house.pause()
    }
  })
  await Promise.all(lanes)
}

/** Makes what the rules see: the GET that would read the stream live, without the others. */
function readRequests(
  { prefix }: House,
  exchange: Exchange,
): (stream: MultiplexedStream) => Request {
  const { url, headers } = exchange.request()
  for (const name of OF_THE_BODY) headers.delete(name)
  return ({ path, offset }) => {
    const target = new URL(url)
    target.pathname = `${prefix}/${path}`
    target.searchParams.set(QUERY.offset, offset)
    target.searchParams.set(QUERY.live, 'sse')
    return new Request(target, { headers })
  }
}
