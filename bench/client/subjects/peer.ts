import { DurableStream, IdempotentProducer, stream } from '@durable-streams/client'
import { createGrowth, createTally } from '../tally.ts'
import { type Message, messageAt, type Subject } from '../subject.ts'

// It takes `live: true` to read more than one page; the streams are closed, so that it ends.

export const peer: Subject = {
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

  async json(url, count) {
    const [tally, began] = [createTally(), performance.now()]
    const items = await (await stream<Message>({ url, live: true })).json()
    const ms = performance.now() - began
    for (const item of items) tally.see(item)
    tally.expect(count)
    return { ms }
  },

  async jsonStream(url, count) {
    const [tally, began] = [createTally(), performance.now()]
    const reader = (await stream<Message>({ url, live: true })).jsonStream().getReader()
    for (let read; !(read = await reader.read()).done; ) tally.see(read.value)
    const ms = performance.now() - began
    tally.expect(count)
    return { ms }
  },

  async events(url, count) {
    const [tally, began] = [createTally(), performance.now()]
    const response = await stream<Message>({ url, live: 'sse' })
    response.subscribeJson(({ items }) => {
      for (const item of items) tally.see(item)
    })
    await response.closed
    const ms = performance.now() - began
    tally.expect(count)
    return { ms }
  },

  async bigEvent(url, characters) {
    const began = performance.now()
    let length = 0
    const response = await stream<string>({ url, live: 'sse' })
    response.subscribeJson(({ items }) => {
      for (const item of items) length += item.length
    })
    await response.closed
    const ms = performance.now() - began
    if (length !== characters) throw new Error(`${length} characters came, not ${characters}`)
    return { ms }
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

  follow(url, live, onMessages) {
    const controller = new AbortController()
    const opened = stream<Message>({ url, live, offset: 'now', signal: controller.signal })
    const ready = opened.then((response) =>
      response.subscribeJson(({ items }) => onMessages(items)),
    )
    return { ready, stop: () => controller.abort() }
  },
}
