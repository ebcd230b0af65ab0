import type { Answer, ModelServer } from './model-server.ts'
import { formatOffset } from './stream-log.ts'

/** Where a server writes an answer that comes piece by piece. */
export interface Outlet {
  /** @param next the offset that a control event tells */
  write: (
    bytes: Uint8Array<ArrayBuffer>,
    what: 'data' | 'control' | 'comment',
    next?: string,
  ) => void
  end: () => void
}

const encoder = new TextEncoder()
const LINE_ENDS = ['\n', '\r\n', '\r']
const COMMENT_EVERY_MS = 15_000

/** Protocol section 5, SSE. Lines end in any way that the SSE standard allows. */
export function serveEvents(
  server: ModelServer,
  contentType: string,
  from: number,
  { cursor, id }: { cursor: string | null; id: string | undefined },
): Answer {
  const { clock, random, sseLifetimeMs } = server.options
  const drawn = LINE_ENDS[Math.floor(random() * LINE_ENDS.length)]!
  // Of an answer for many streams readers may expect one kind: docs/protocol-extensions.md.
  const lineEnd = id === undefined ? drawn : '\n'
  const isBinary = !/^text\/|json$/.test(contentType)
  const streamCursor = server.cursorAfter(cursor)

  function frames(outlet: Outlet, start: number): number {
    let at = start
    for (let isFirst = true; isFirst || at < server.log!.tail; isFirst = false) {
      const to = isBinary ? server.pageEnd(at) : wholeEnd(server, at)
      const data = server.log!.wire(at, to)
      if (to > at) outlet.write(event('data', dataLines(data, isBinary), lineEnd, id), 'data')
      at = to
      const isTail = at === server.log!.tail
      const control = {
        streamNextOffset: formatOffset(at),
        ...(isTail && server.closed ? { streamClosed: true } : { streamCursor }),
        ...(isTail && { upToDate: true }),
      }
      const bytes = event('control', [JSON.stringify(control)], lineEnd, id)
      outlet.write(bytes, 'control', control.streamNextOffset)
    }
    return at
  }

  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      ...(isBinary && { 'stream-sse-data-encoding': 'base64' }),
    },
    events(outlet) {
      let at = frames(outlet, from)
      const end = (): void => {
        leave()
        outlet.end()
      }
      const forget = server.watch(() => {
        if (!server.isDeleted) at = frames(outlet, at)
        if (server.closed || server.isDeleted) end()
      })
      // Many in one answer grow old together.
      const stopAging = id === undefined ? clock.after(sseLifetimeMs, end) : () => undefined
      const comment = (): void => {
        outlet.write(encoder.encode(`: still here${lineEnd}${lineEnd}`), 'comment')
        stopComments = clock.after(COMMENT_EVERY_MS, comment)
      }
      let stopComments = clock.after(COMMENT_EVERY_MS, comment)
      const leave = (): void => {
        forget()
        stopAging()
        stopComments()
      }
      if (server.closed) end()
      return leave
    },
  }
}

/** At most one page, but never less than one character. */
function wholeEnd(server: ModelServer, at: number): number {
  const log = server.log!
  for (let to = server.pageEnd(at); to < log.tail; to++) {
    const whole = log.wholeBefore(to)
    if (whole > at) return whole
  }
  return log.tail
}

function dataLines(data: Uint8Array, isBinary: boolean): string[] {
  if (isBinary) return [Buffer.from(data).toString('base64')]
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(data).split('\n')
}

export function event(
  name: string,
  lines: readonly string[],
  end: string,
  id?: string,
): Uint8Array<ArrayBuffer> {
  // One space after the colon belongs to the format, so a line that begins with one needs another.
  const data = lines.map((line) => `data:${line.startsWith(' ') ? ' ' : ''}${line}${end}`)
  const of = id === undefined ? '' : `id: ${id}${end}`
  return encoder.encode(`event: ${name}${end}${of}${data.join('')}${end}`)
}
