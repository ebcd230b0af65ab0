import { dataOf } from './multiplexed-events.ts'

/** So much of what came last is kept for readers that ask from a little behind, in bytes. */
const KEPT_BYTES = 16 * 1024

/** Whole events, up to a control event. */
export interface Frame {
  /** The offset before it. */
  from: string
  bytes: Uint8Array
}

interface Control {
  streamNextOffset: string
  upToDate?: boolean
  streamClosed?: boolean
}

/** What was received of one stream last. */
export interface MultiplexedTail {
  /** How far it was received whole. */
  offset: string
  /** What follows that offset, if it is known: at least where the stream stands, once that was told. */
  after(from: string): readonly Frame[] | undefined
  data(lines: string): void
  /** @returns the frame that it ends; nothing if it says what is known. */
  control(lines: string): Frame | undefined
  /** What did not come whole will come again. */
  drop(): void
}

const encoder = new TextEncoder()

export function createTail(start: string): MultiplexedTail {
  let begun = ''
  const kept: Frame[] = []
  let bytes = 0
  let last: Control | undefined
  let standing: Uint8Array | undefined

  const tail: MultiplexedTail = {
    offset: start,
    after(from) {
      const { offset } = tail
      const place = from === offset ? kept.length : kept.findIndex((frame) => frame.from === from)
      if (place < 0) return
      return [...kept.slice(place), ...(standing ? [{ from: offset, bytes: standing }] : [])]
    },
    data(lines) {
      begun += `event: data\n${lines}\n\n`
    },
    control(lines) {
      const control = JSON.parse(dataOf(lines)) as Control
      const { streamNextOffset: offset, upToDate, streamClosed } = control
      const isNew = !last || offset !== tail.offset || streamClosed || upToDate !== last.upToDate
      const own = `event: control\n${lines}\n\n`
      const frame = { from: tail.offset, bytes: encoder.encode(begun + own) }
      if (begun) kept.push(frame)
      for (bytes += begun ? frame.bytes.length : 0; bytes > KEPT_BYTES; ) {
        bytes -= kept.shift()!.bytes.length
      }
      begun = ''
      last = control
      standing = encoder.encode(own)
      tail.offset = offset
      return isNew ? frame : undefined
    },
    drop() {
      begun = ''
    },
  }
  return tail
}
