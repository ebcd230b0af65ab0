import { createAnswerReader } from '../../../harness/answer-reader.ts'
import { createMessageScanner } from '../../../harness/message.ts'
import { writeRequest } from '../../../server/load/request.ts'
import { streamsOf } from '../plan.ts'
import { pathOf } from '../update.ts'
import { openWire } from '../wire.ts'
import { type Follow, untilLive } from './reader.ts'

/** All streams of a client over one response. */
export const followMultiplexed: Follow = async ({ number, plan, url, deliveries }) => {
  const streams = streamsOf(plan, number).map((stream) => ({ path: pathOf(stream), offset: 'now' }))
  const target = `${url}/__ds/live`
  let live: () => void = () => undefined
  const isLive = new Promise<void>((resolve) => (live = resolve))
  const fail = (error: Error): void => {
    deliveries.fail(error)
    live()
  }
  const isEarly = untilLive(streams.length, live)
  const scan = createMessageScanner((message) => deliveries.see(number, message))
  const read = createAnswerReader(() => ({
    head(status, head) {
      if (status !== 200) fail(new Error(`POST ${target} was answered: ${head()}`))
    },
    body: (bytes) => isEarly(bytes) || scan(bytes),
    end: () => fail(new Error(`The answer to POST ${target} ended`)),
  }))
  const wire = await openWire(target, read, fail)
  wire.write(writeRequest('POST', target, Buffer.from(JSON.stringify({ streams }))))
  await isLive
  return [wire]
}
