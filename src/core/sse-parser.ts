/** One dispatched server-sent event. `data` has its lines joined by `\n`. */
export interface SseMessage {
  event: string
  data: string
}

/**
 * Turns SSE text, cut anywhere, into messages: feed it chunk after chunk, take what each chunk
 * completed. The time is linear in the text, however long a line grows: engines join the pieces of
 * a string only once it is looked at.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function createSseParser(
  onMessage: (event: string, data: string) => void,
): (chunk: string) => void {
  // The beginning of a line whose end has not come yet.
  let unfinished = ''
  let endedInCr = false
  let event = ''
  let data: string | undefined

  return (chunk) => {
    if (!chunk) return
    // A CR ends its line at once; if its LF comes in the next chunk, drop that LF.
    const text = endedInCr && chunk[0] === '\n' ? chunk.slice(1) : chunk
    endedInCr = chunk.at(-1) === '\r'
    const lines = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n')
    const rest = lines.pop()!
    for (const end of lines) {
      const line = unfinished + end
      unfinished = ''
      if (!line) {
        if (data !== undefined) onMessage(event, data)
        event = ''
        data = undefined
      }
      const colon = line.indexOf(':')
      const fieldEnd = colon < 0 ? line.length : colon
      const field = line.slice(0, fieldEnd)
      const value = line.slice(fieldEnd + (line[fieldEnd + 1] === ' ' ? 2 : 1))
      if (field === 'event') event = value
      if (field === 'data') data = data === undefined ? value : `${data}\n${value}`
    }
    unfinished += rest
  }
}
