import { framingOf } from '../operations/content-type.ts'
import { readPage, type ReadOutcome } from '../operations/read.ts'
import { encodeFrame, type Frame } from './sse-frame.ts'
import type { Storage } from '../storage/storage.ts'

const FRAME_MAX_BYTES = 256 * 1024
/** Readers of a stream are at its tail, or a few frames behind. */
const FRAMES_KEPT = 8

export type FrameOutcome =
  | { kind: 'frame'; frame: Frame; streamId: string }
  | Exclude<ReadOutcome, { kind: 'page' }>

/** One live reader's place among all that follow a stream. */
export interface Seat {
  /** The frame from `start` on: read and encoded once for all who ask before the stream changes. */
  frame(start: number, cursor: string): Promise<FrameOutcome>
  leave(): void
}

/** Wakes live readers. */
export interface Hub {
  /** `listener` is called when the stream changed, and when the hub closes. */
  join(path: string, listener: () => void): Seat
  /** No reader should wait any longer. */
  readonly closed: boolean
  close(): void
}

interface Room {
  listeners: Set<() => void>
  frames: Map<string, Promise<FrameOutcome>>
  unwatch: () => void
}

/** @param now gives milliseconds since 1970 */
export function createHub(storage: Storage, now: () => number): Hub {
  const rooms = new Map<string, Room>()
  let closed = false

  return {
    get closed() {
      return closed
    },
    join(path, listener) {
      const room = rooms.get(path) ?? openRoom(path)
      room.listeners.add(listener)
      return {
        frame: (start, cursor) => sharedFrame(room, path, start, cursor),
        leave() {
          room.listeners.delete(listener)
          if (room.listeners.size > 0 || rooms.get(path) !== room) return
          rooms.delete(path)
          room.unwatch()
        },
      }
    },
    close() {
      closed = true
      for (const { listeners } of rooms.values()) for (const listener of listeners) listener()
    },
  }

  function openRoom(path: string): Room {
    const listeners = new Set<() => void>()
    const frames = new Map<string, Promise<FrameOutcome>>()
    const unwatch = storage.watch(path, () => {
      frames.clear()
      for (const listener of listeners) listener()
    })
    const room = { listeners, frames, unwatch }
    rooms.set(path, room)
    return room
  }

  function sharedFrame(
    { frames }: Room,
    path: string,
    start: number,
    cursor: string,
  ): Promise<FrameOutcome> {
    const key = `${start} ${cursor}`
    const known = frames.get(key)
    if (known) return known
    const frame = readFrame(path, start, cursor)
    frames.set(key, frame)
    frame.catch(() => frames.delete(key))
    if (frames.size > FRAMES_KEPT) frames.delete(frames.keys().next().value!)
    return frame
  }

  async function readFrame(path: string, start: number, cursor: string): Promise<FrameOutcome> {
    const outcome = await readPage(storage, path, start, FRAME_MAX_BYTES, now())
    if (outcome.kind !== 'page') return outcome
    const { record } = outcome.page
    const frame = encodeFrame(outcome.page, framingOf(record.contentType), cursor)
    return { kind: 'frame', frame, streamId: record.id }
  }
}
