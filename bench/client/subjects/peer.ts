import { DurableStream, IdempotentProducer, stream } from '@durable-streams/client'
import { createGrowth, createTally } from '../tally.ts'
import { type Message, messageAt, type Subject } from '../subject.ts'
import { readingBy } from './reading.ts'

// It takes `live: true` to read more than one page; the streams are closed, so that it ends.

export const peer: Subject = {
  ...readingBy({ stream }, true),

  async catchUp(url, count) {
    const [tally, growth, began] = [createTally(), createGrowth(count), performance.now()]
    const response = await stream<Message>({ url, live: true })
    // Its `closed` resolves before the last callback.
    await new Promise<void>((resolve) => {
      response.subscribeJson(({ items, streamClosed }) => {
        for (const item of items) tally.see(item)
        growth.see(items.length)
        if (streamClosed) resolve()
      })
    })
    const ms = performance.now() - began
    tally.expect(count)
    return { ms, grownBytes: growth.bytes() }
  },

  async write(url, count) {
    const began = performance.now()
    const target = await DurableStream.create({ url, contentType: 'application/json' })
    const producer = new IdempotentProducer(target, 'bench')
    for (let number = 0; number < count; number++) {
      producer.append(JSON.stringify(messageAt(number)))
    }
    await producer.flush()
    const ms = performance.now() - began
    await producer.detach()
    return { ms }
  },
}
