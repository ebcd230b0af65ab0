import { DurableStream, IdempotentProducer, stream } from '../../../src/core/index.ts'
import { createGrowth, createTally } from '../tally.ts'
import { type Message, messageAt, type Subject } from '../subject.ts'
import { readingBy } from './reading.ts'

export const ours: Subject = {
  ...readingBy({ stream }, false),

  async catchUp(url, count) {
    const [tally, growth, began] = [createTally(), createGrowth(count), performance.now()]
    const response = await stream<Message>({ url, live: false })
    response.subscribeJson(({ items }) => {
      for (const item of items) tally.see(item)
      growth.see(items.length)
    })
    await response.closed
    const ms = performance.now() - began
    tally.expect(count)
    return { ms, grownBytes: growth.bytes() }
  },

  async write(url, count) {
    const began = performance.now()
    const target = await DurableStream.create<Message>({ url, contentType: 'application/json' })
    const producer = new IdempotentProducer(target, 'bench')
    for (let number = 0; number < count; number++) await producer.append(messageAt(number))
    await producer.flush()
    const ms = performance.now() - began
    await producer.detach()
    return { ms }
  },
}
