import { createSseParser } from '../../../src/core/sse-parser.ts'
import { createGrowth, createTally } from '../tally.ts'
import { type Message, messageAt, type Subject } from '../subject.ts'

// The least code that does the same: `fetch`, `JSON.parse`, the SSE parser alone.

export const limit: Subject = {
  async catchUp(url, count) {
    const [tally, growth, began] = [createTally(), createGrowth(count), performance.now()]
    for await (const items of pages(url)) {
      for (const item of items) tally.see(item)
      growth.see(items.length)
    }
    const ms = performance.now() - began
    tally.expect(count)
    return { ms, grownBytes: growth.bytes() }
  },

  async json(url, count) {
    const [tally, began] = [createTally(), performance.now()]
    const all: Message[] = []
    for await (const items of pages(url)) for (const item of items) all.push(item)
    const ms = performance.now() - began
    for (const item of all) tally.see(item)
    tally.expect(count)
    return { ms }
  },

  jsonStream: (url, count) => limit.catchUp(url, count),

  /** Counts the events, and parses none of their data the first time. */
  async events(url, count) {
    const began = performance.now()
    let seen = 0
    await readEvents(`${url}?live=sse&offset=-1`, (event) => {
      if (event === 'data') seen++
    })
    const ms = performance.now() - began
    if (seen !== count) throw new Error(`${seen} events came, not ${count}`)

    const [tally, beganToParse] = [createTally(), performance.now()]
    await readEvents(`${url}?live=sse&offset=-1`, (event, data) => {
      if (event === 'data') for (const item of JSON.parse(data) as Message[]) tally.see(item)
    })
    const parsedMs = performance.now() - beganToParse
    tally.expect(count)
    return { ms, parsedMs }
  },

  /** Collects the text and parses it once. */
  async bigEvent(url, characters) {
    const began = performance.now()
    const response = await fetch(`${url}?live=sse&offset=-1`)
    const text = await response.text()
    const from = text.indexOf('data:') + 'data:'.length
    const [item] = JSON.parse(text.slice(from, text.indexOf('\n', from))) as [string]
    const ms = performance.now() - began
    if (item.length !== characters) throw new Error(`${item.length} characters came`)
    return { ms }
  },

  /** One request for each thousand. */
  async write(url, count) {
    const began = performance.now()
    const headers = { 'content-type': 'application/json' }
    await fetch(url, { method: 'PUT', headers })
    for (let first = 0; first < count; first += 1000) {
      const messages = Array.from({ length: 1000 }, (_, i) => messageAt(first + i))
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: JSON.stringify(messages),
      })
      if (!response.ok) throw new Error(`POST ${url} was answered with ${response.status}`)
      await response.arrayBuffer()
    }
    return { ms: performance.now() - began }
  },

  follow(url, live, onMessages) {
    const controller = new AbortController()
    const ready = new Promise<void>((resolve, reject) => {
      const read = live === 'sse' ? followEvents : followPolls
      read(url, controller.signal, onMessages, resolve).catch(reject)
    })
    return { ready, stop: () => controller.abort() }
  },
}

async function* pages(url: string): AsyncGenerator<Message[]> {
  let offset = '-1'
  for (let upToDate = false; !upToDate; ) {
    const response = await fetch(`${url}?offset=${offset}`)
    upToDate = response.headers.has('stream-up-to-date')
    offset = response.headers.get('stream-next-offset')!
    yield JSON.parse(await response.text()) as Message[]
  }
}

async function readEvents(
  url: string,
  onEvent: (event: string, data: string) => void,
  signal: AbortSignal | null = null,
): Promise<void> {
  const { body } = await fetch(url, { signal })
  const reader = body!.getReader()
  const decoder = new TextDecoder()
  const parse = createSseParser(onEvent)
  for (let read; !(read = await reader.read()).done; ) {
    parse(decoder.decode(read.value, { stream: true }))
  }
}

type Follow = (
  url: string,
  signal: AbortSignal,
  onMessages: (messages: readonly Message[]) => void,
  onReady: () => void,
) => Promise<void>

const followEvents: Follow = (url, signal, onMessages, onReady) =>
  readEvents(
    `${url}?live=sse&offset=now`,
    (event, data) => {
      if (event === 'data') onMessages(JSON.parse(data) as Message[])
      else onReady()
    },
    signal,
  )

// Without a signal for each request: on one that is shared, Node lets listeners pile up.
const followPolls: Follow = async (url, signal, onMessages, onReady) => {
  let query = 'offset=now'
  while (!signal.aborted) {
    const response = await fetch(`${url}?${query}`)
    const text = await response.text()
    const { headers } = response
    query = `cursor=${headers.get('stream-cursor') ?? ''}&live=long-poll&offset=${headers.get('stream-next-offset')!}`
    const messages = text ? (JSON.parse(text) as Message[]) : []
    if (messages.length > 0) onMessages(messages)
    else onReady()
  }
}
