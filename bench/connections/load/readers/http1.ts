import { createAnswerReader } from '../../../harness/answer-reader.ts'
import { createMessageScanner } from '../../../harness/message.ts'
import { readRequest } from '../../../server/load/request.ts'
import { streamsOf } from '../plan.ts'
import { pathOf } from '../update.ts'
import { openWire, type Wire } from '../wire.ts'
import { type Client, type Follow, untilLive } from './reader.ts'

/** So many connections are opened at a time: a burst would overflow the server's queue of them. */
const AT_ONCE = 100

/** Each stream of a client over a connection of its own. */
export const followByHttp1: Follow = async (client) => {
  const streams = streamsOf(client.plan, client.number)
  const wires: Wire[] = []
  while (streams.length > 0) {
    const some = streams.splice(0, AT_ONCE).map((stream) => follow(client, stream))
    wires.push(...(await Promise.all(some)))
  }
  return wires
}

async function follow({ number, url, deliveries }: Client, stream: number): Promise<Wire> {
  const target = `${url}/${pathOf(stream)}`
  let live: () => void = () => undefined
  const isLive = new Promise<void>((resolve) => (live = resolve))
  const fail = (error: Error): void => {
    deliveries.fail(error)
    live()
  }
  const isEarly = untilLive(1, live)
  const scan = createMessageScanner((message) => deliveries.see(number, message, stream))
  const read = createAnswerReader(() => ({
    head(status, head) {
      if (status !== 200) fail(new Error(`GET ${target} was answered: ${head()}`))
    },
    body: (bytes) => isEarly(bytes) || scan(bytes),
    end: () => fail(new Error(`The answer to GET ${target} ended`)),
  }))
  const wire = await openWire(target, read, fail)
  wire.write(readRequest(target, { live: 'sse', offset: 'now' }))
  await isLive
  return wire
}
