/** One dispatched server-sent event. `data` has its lines joined by `\n`. */
export interface SseMessage {
  event: string
  data: string
}

/**
 * Turns SSE text, cut anywhere, into messages: feed it chunk after chunk, take what each chunk
 * completed. Each character is looked at once, however long a line grows.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function createSseParser(): (chunk: string) => SseMessage[] {
  // Pieces of a line whose end has not come yet; joined once it does.
  let unfinished: string[] = []
  let endedInCr = false
  let event = ''
  let data: string[] = []

  return (chunk) => {
    const messages: SseMessage[] = []
    const end = /\r\n|\r|\n/g
    // A CR ends its line at once; if its LF comes in the next chunk, drop that LF.
    let start = endedInCr && chunk.startsWith('\n') ? 1 : 0
    if (chunk !== '') endedInCr = chunk.endsWith('\r')

    end.lastIndex = start
    for (let match = end.exec(chunk); match; match = end.exec(chunk)) {
      unfinished.push(chunk.slice(start, match.index))
      const line = unfinished.length === 1 ? unfinished[0]! : unfinished.join('')
      unfinished = []
      start = end.lastIndex
      readLine(line, messages)
    }
    if (start < chunk.length) unfinished.push(chunk.slice(start))
    return messages
  }

  function readLine(line: string, messages: SseMessage[]): void {
    if (line === '') {
      if (data.length > 0) messages.push({ event, data: data.join('\n') })
      event = ''
      data = []
      return
    }
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
}
