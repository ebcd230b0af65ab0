const HEAD_END = '\r\n\r\n'
const LF = 0x0a
const NOTHING: Buffer = Buffer.alloc(0)

/** Who is told of an answer as it arrives. Bytes are only lent: they change after the call. */
export interface Sink {
  /** `head` gives status line and headers, in lower case. */
  head?(status: number, head: () => string): void
  body?(bytes: Buffer): void
  end(): void
}

/**
 * Just enough HTTP/1.1 to know where answers begin and end, at a small part of the cost of a real
 * client: a load generator must not be the slowest of the three.
 *
 * @param sink gives who wants the answer that arrives now
 * @returns takes what the socket received.
 */
export function createAnswerReader(sink: () => Sink): (bytes: Buffer) => void {
  let state: 'head' | 'counted' | 'chunk-size' | 'chunk' | 'chunk-end' = 'head'
  let left = 0
  let isLast = false
  let kept = NOTHING

  return (received) => {
    let bytes = received
    if (kept.length > 0) {
      bytes = Buffer.concat([kept, received])
      kept = NOTHING
    }
    let at = 0
    while (at < bytes.length) {
      const next = step(bytes, at)
      if (next < 0) {
        kept = Buffer.from(bytes.subarray(at))
        return
      }
      at = next
    }
  }

  /** @returns how far it got, or -1 if more bytes are needed to get anywhere. */
  function step(bytes: Buffer, at: number): number {
    switch (state) {
      case 'head':
        return readHead(bytes, at)
      case 'chunk-size':
        return readChunkSize(bytes, at)
      case 'chunk-end':
        return readChunkEnd(bytes, at)
      case 'counted':
      case 'chunk':
        return readBody(bytes, at)
      default:
        return state satisfies never
    }
  }

  function readHead(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(HEAD_END, at, 'latin1')
    if (end < 0) return -1
    const status = (bytes[at + 9]! - 48) * 100 + (bytes[at + 10]! - 48) * 10 + bytes[at + 11]! - 48
    let text: string | undefined
    const head = (): string => (text ??= bytes.toString('latin1', at, end).toLowerCase())
    const receiver = sink()
    receiver.head?.(status, head)
    if (status === 204 || status === 304) receiver.end()
    else expectBody(head(), receiver)
    return end + HEAD_END.length
  }

  function expectBody(head: string, receiver: Sink): void {
    if (head.includes('\r\ntransfer-encoding: chunked')) {
      state = 'chunk-size'
      return
    }
    left = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0)
    if (left > 0) state = 'counted'
    else receiver.end()
  }

  function readBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + left)
    sink().body?.(bytes.subarray(at, end))
    left -= end - at
    if (left > 0) return end
    if (state === 'chunk') {
      state = 'chunk-end'
    } else {
      state = 'head'
      sink().end()
    }
    return end
  }

  function readChunkSize(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(LF, at)
    if (end < 0) return -1
    left = parseInt(bytes.toString('latin1', at, end), 16)
    isLast = left === 0
    state = isLast ? 'chunk-end' : 'chunk'
    return end + 1
  }

  function readChunkEnd(bytes: Buffer, at: number): number {
    if (bytes.length < at + 2) return -1
    state = isLast ? 'head' : 'chunk-size'
    if (isLast) sink().end()
    return at + 2
  }
}
