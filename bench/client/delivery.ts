import { connect } from '../harness/connection.ts'
import { clockUs, messageBatch, stampMessage } from '../harness/message.ts'
import type { Figures } from '../harness/row.ts'
import { percentile } from '../harness/statistics.ts'
import { writeRequest } from '../server/load/request.ts'
import { createStream } from '../server/load/stream.ts'
import type { Subject } from './subject.ts'
import { createTally } from './tally.ts'

/**
 * Milliseconds from the sending of an append to its arrival at a live reader; each append waits for
 * the last to arrive. The first quarter warms up and does not count.
 */
export async function measureDelivery(
  { follow }: Subject,
  url: string,
  live: 'sse' | 'long-poll',
  messages: number,
): Promise<Figures> {
  await createStream(url)
  const writer = await connect(url)
  const tally = createTally()
  const latenciesMs: number[] = []
  let sentUs = 0
  let arrived: (() => void) | undefined
  const follower = follow(url, live, (items) => {
    for (const item of items) {
      tally.see(item)
      latenciesMs.push((clockUs() - sentUs) / 1000)
      arrived?.()
    }
  })
  await follower.ready
  const body = messageBatch(0, 0, 1)
  const request = writeRequest('POST', url, body)
  for (let number = 0; number < messages; number++) {
    const delivered = new Promise<void>((resolve) => (arrived = resolve))
    sentUs = clockUs()
    stampMessage(request, request.length - body.length + 1, { number, writer: 0, sentUs })
    await Promise.all([delivered, writer.ask(request)])
  }
  follower.stop()
  writer.close()
  tally.expect(messages)
  const counted = latenciesMs.slice(messages >> 2)
  return { p50Ms: percentile(counted, 0.5), p99Ms: percentile(counted, 0.99) }
}
