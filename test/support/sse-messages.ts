import { createSseParser } from '../../src/core/sse-parser.ts'

/** One dispatched server-sent event. `data` has its lines joined by `\n`. */
export interface SseMessage {
  event: string
  data: string
}

/** Reads text, cut anywhere: gives what each piece completed. */
export function createSseReader(): (piece: string) => SseMessage[] {
  let messages: SseMessage[] = []
  const parse = createSseParser((event, data) => messages.push({ event, data }))
  return (piece) => {
    messages = []
    parse(piece)
    return messages
  }
}
