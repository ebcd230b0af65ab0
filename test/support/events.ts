import { onTestFinished } from 'vitest'
import { createSseReader, type SseMessage } from './sse-messages.ts'

/** An SSE response as a test reads it. */
export interface Events {
  response: Response
  /** The next event; nothing at the end. Rejects if the connection is cut. */
  next(): Promise<SseMessage | undefined>
  /** The next control event, parsed, and the data that came before it. */
  nextControl(): Promise<{ data: string | undefined; control: Record<string, unknown> } | undefined>
  close(): Promise<void>
}

/** Follows `url`; the connection is closed when the test ends. */
export async function openEvents(url: string): Promise<Events> {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const response = await fetch(url, { signal: controller.signal })
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  const parse = createSseReader()
  const queue: SseMessage[] = []

  async function next(): Promise<SseMessage | undefined> {
    while (queue.length === 0) {
      const { done, value } = await reader.read()
      if (done) return undefined
      queue.push(...parse(decoder.decode(value, { stream: true })))
    }
    return queue.shift()
  }

  return {
    response,
    next,
    async nextControl() {
      let data: string | undefined
      for (let event = await next(); event; event = await next()) {
        if (event.event === 'control') return { data, control: JSON.parse(event.data) }
        data = event.data
      }
      return undefined
    },
    close: async () => controller.abort(),
  }
}
