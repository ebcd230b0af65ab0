import type { LiveMode } from '../../../src/core/index.ts'
import { createTally } from '../tally.ts'
import type { Message, Subject } from '../subject.ts'

/** What the two clients have in common: the names that the protocol's users know. */
interface Client {
  stream<Item>(options: {
    url: string
    live: LiveMode
    offset?: string
    signal?: AbortSignal
  }): Promise<{
    closed: Promise<void>
    json(): Promise<Item[]>
    jsonStream(): ReadableStream<Item>
    subscribeJson(onItems: (batch: { items: readonly Item[] }) => void): () => void
  }>
}

/**
 * The ways of reading in which both clients are used alike.
 *
 * @param live how to read a closed stream to its end.
 */
export function readingBy(
  { stream }: Client,
  live: boolean,
): Pick<Subject, 'json' | 'jsonStream' | 'events' | 'bigEvent' | 'follow'> {
  return {
    async json(url, count) {
      const [tally, began] = [createTally(), performance.now()]
      const items = await (await stream<Message>({ url, live })).json()
      const ms = performance.now() - began
      for (const item of items) tally.see(item)
      tally.expect(count)
      return { ms }
    },

    async jsonStream(url, count) {
      const [tally, began] = [createTally(), performance.now()]
      const reader = (await stream<Message>({ url, live })).jsonStream().getReader()
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

    follow(url, live, onMessages) {
      const controller = new AbortController()
      const opened = stream<Message>({ url, live, offset: 'now', signal: controller.signal })
      const ready = opened.then((response) =>
        response.subscribeJson(({ items }) => onMessages(items)),
      )
      return { ready, stop: () => controller.abort() }
    },
  }
}
