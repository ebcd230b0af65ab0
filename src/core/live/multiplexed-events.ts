import { joinBytes } from '../decode.ts'

/** One event of one stream. */
export interface MultiplexedEvent {
  /** The stream's path below the root. */
  path: string
  event: string
  /** The event as it came, but for the line that names the stream. */
  parts: readonly [head: Uint8Array, data: Uint8Array]
}

const LF = 10
const decoder = new TextDecoder()

/**
 * Cuts an answer that carries many streams into its events; `onEvent` gets nothing for a comment.
 * Unlike a parser of server-sent events it leaves the data as it is, since it is parsed by the
 * stream's own reader; so it wants what the extension promises: lines that end in LF, and data last.
 */
export function createEventCutter(
  onEvent: (event?: MultiplexedEvent) => void,
): (chunk: Uint8Array) => void {
  /** What has come of an event so far. */
  let begun: Uint8Array[] = []
  let endsInBreak = false

  const take = (last: Uint8Array): void => {
    const whole = begun[0] ? joinBytes([...begun, last]) : last
    begun = []
    onEvent(parse(whole))
  }

  return (chunk) => {
    let start = 0
    if (endsInBreak && chunk[0] === LF) take(chunk.subarray(0, (start = 1)))
    for (let at = start; (at = chunk.indexOf(LF, at) + 1) > 0; ) {
      // More blank lines than one mean nothing.
      if (at - 1 === start && !begun[0]) start = at
      else if (chunk[at] === LF) take(chunk.subarray(start, (start = at += 1)))
    }
    if (start < chunk.length) begun.push(chunk.subarray(start))
    if (chunk.length) endsInBreak = start < chunk.length && chunk.at(-1) === LF
  }
}

/** What its data says, without the names of the lines. */
export function dataOf({ parts }: MultiplexedEvent): string {
  return decoder.decode(parts[1]).replaceAll(/^data: ?/gm, '')
}

function parse(whole: Uint8Array): MultiplexedEvent | undefined {
  const headEnd = whole.indexOf(LF) + 1
  const dataAt = whole.indexOf(LF, headEnd) + 1
  const [, event, path] =
    /^event: ?(.*)\nid: ?(.*)\n$/.exec(decoder.decode(whole.subarray(0, dataAt))) ?? []
  if (path === undefined) return
  return { event: event!, path, parts: [whole.subarray(0, headEnd), whole.subarray(dataAt)] }
}
