import { joinBytes } from '../decode.ts'
import { dataOf, type MultiplexedEvent } from './multiplexed-events.ts'

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
  data(event: MultiplexedEvent): void
  /** @returns the frame that it ends; nothing if it says what is known. */
  control(event: MultiplexedEvent): Frame | undefined
  /** What did not come whole will come again. */
  drop(): void
}

export function createTail(start: string): MultiplexedTail {
  let begun: Uint8Array[] = []
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
    data({ parts }) {
      begun.push(...parts)
    },
    control(event) {
      const control = JSON.parse(dataOf(event)) as Control
      const { streamNextOffset: offset, upToDate, streamClosed } = control
      const isNew = !last || offset !== tail.offset || streamClosed || upToDate !== last.upToDate
      const frame = { from: tail.offset, bytes: joinBytes([...begun, ...event.parts]) }
      if (begun[0]) {
        kept.push(frame)
        bytes += frame.bytes.length
      }
      while (bytes > KEPT_BYTES) bytes -= kept.shift()!.bytes.length
      begun = []
      last = control
      standing = joinBytes(event.parts)
      tail.offset = offset
      return isNew ? frame : undefined
    },
    drop() {
      begun = []
    },
  }
  return tail
}
