import { createMessageScanner } from '../../../harness/message.ts'
import { createFrameReader, getRequest, greeting } from '../http2-frames.ts'
import { streamsOf } from '../plan.ts'
import { pathOf } from '../update.ts'
import { openWire } from '../wire.ts'
import { type Follow, untilLive } from './reader.ts'

/** Each stream of a client by a request of its own, all over one connection. */
export const followByHttp2: Follow = async ({ number, plan, url, deliveries }) => {
  const { host, pathname } = new URL(url)
  const streams = streamsOf(plan, number)
  let live: () => void = () => undefined
  const isLive = new Promise<void>((resolve) => (live = resolve))
  const fail = (error: Error): void => {
    deliveries.fail(error)
    live()
  }
  let left = streams.length
  const readers = streams.map((stream) => {
    const isEarly = untilLive(1, () => --left === 0 && live())
    const scan = createMessageScanner((message) => deliveries.see(number, message, stream))
    return (bytes: Buffer): unknown => isEarly(bytes) || scan(bytes)
  })
  const read = createFrameReader({
    failed: fail,
    data: (id, bytes) => void readers[(id - 1) / 2]!(bytes),
    reply: (bytes) => void opening.then((wire) => wire.write(bytes)),
  })
  const opening = openWire(url, read, fail)
  const wire = await opening
  const requests = streams.map((stream, i) =>
    getRequest(1 + 2 * i, host, `${pathname}/${pathOf(stream)}?live=sse&offset=now`),
  )
  wire.write(Buffer.concat([greeting(), ...requests]))
  await isLive
  return [wire]
}
