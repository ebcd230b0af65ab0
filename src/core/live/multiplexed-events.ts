import { createUtf8Decoder } from '../text.ts'

/** One event of one stream. */
export interface MultiplexedEvent {
  /** The stream's path below the root. */
  path: string
  event: string
  /** Its `data:` lines, as they came. */
  lines: string
}

/**
 * Cuts an answer that carries many streams into its events; `onEvent` gets nothing for a comment.
 * Unlike a parser of server-sent events it leaves the data as it is, since it is parsed again by the
 * stream's own reader; so it wants what the extension promises: lines that end in LF, and data last.
 */
export function createEventCutter(
  onEvent: (event?: MultiplexedEvent) => void,
): (chunk: Uint8Array) => void {
  const decode = createUtf8Decoder()
  // What has come of an event so far: it is joined once, when its end is there.
  let begun = ''
  let endsInBreak = false

  const take = (block: string): void => {
    const [, event, path, lines] = /^\n*event: ?(.*)\nid: ?(.*)\n(data:[^]*)/.exec(block) ?? []
    onEvent(lines === undefined ? undefined : { event: event!, path: path!, lines })
  }

  return (chunk) => {
    let text = decode(chunk)
    if (!text) return
    if (endsInBreak && text[0] === '\n') {
      take(begun.slice(0, -1))
      begun = ''
      text = text.slice(1)
    }
    let start = 0
    for (let end; (end = text.indexOf('\n\n', start)) >= 0; start = end + 2) {
      take(begun + text.slice(start, end))
      begun = ''
    }
    begun += text.slice(start)
    endsInBreak = begun.endsWith('\n')
  }
}

/** What the lines say. A parser drops one space after the colon. */
export function dataOf(lines: string): string {
  return lines.replaceAll(/^data: ?/gm, '')
}
