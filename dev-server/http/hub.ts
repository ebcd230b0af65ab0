import { framingOf } from '../operations/content-type.ts'
import { encodeFrame, type Frame } from './sse-frame.ts'
import type { ReadOutcome } from '../operations/read.ts'
import type { Streams } from '../operations/streams.ts'

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
  /** How many live readers there are. */
  readonly size: number
  /** No reader should wait any longer. */
  readonly closed: boolean
  close(): void
}

interface Room {
  listeners: Set<() => void>
  frame: Seat['frame']
  leave: (listener: () => void) => void
  unwatch: () => void
}

/** A class, because there may be very many. */
class RoomSeat implements Seat {
  readonly #room: Room
  readonly #listener: () => void

  constructor(room: Room, listener: () => void) {
    this.#room = room
    this.#listener = listener
  }

  frame(start: number, cursor: string): Promise<FrameOutcome> {
    return this.#room.frame(start, cursor)
  }

  leave(): void {
    this.#room.leave(this.#listener)
  }
}

export interface HubOptions {
  streams: Pick<Streams, 'page'>
  /** Calls back after each change of a stream; see `Storage.watch`. */
  watch: (path: string, listener: () => void) => () => void
  /** Lets the event loop turn once: changes until then are told as one. */
  pause: () => Promise<void>
}

export function createHub({ streams, watch, pause }: HubOptions): Hub {
  const rooms = new Map<string, Room>()
  let size = 0
  let closed = false

  return {
    get size() {
      return size
    },
    get closed() {
      return closed
    },
    join(path, listener) {
      const room = rooms.get(path) ?? openRoom(path)
      room.listeners.add(listener)
      size += 1
      return new RoomSeat(room, listener)
    },
    close() {
      closed = true
      for (const { listeners } of rooms.values()) for (const listener of listeners) listener()
    },
  }

  function openRoom(path: string): Room {
    const listeners = new Set<() => void>()
    const frames = new Map<string, Promise<FrameOutcome>>()
    let telling = false
    const unwatch = watch(path, () => {
      frames.clear()
      if (telling) return
      telling = true
      void pause().then(() => {
        telling = false
        for (const listener of listeners) listener()
      })
    })
    const room: Room = {
      listeners,
      frame: (start, cursor) => sharedFrame(frames, path, start, cursor),
      leave: (listener) => leave(room, path, listener),
      unwatch,
    }
    rooms.set(path, room)
    return room
  }

  function leave(room: Room, path: string, listener: () => void): void {
    if (room.listeners.delete(listener)) size -= 1
    if (room.listeners.size > 0 || rooms.get(path) !== room) return
    rooms.delete(path)
    room.unwatch()
  }

  function sharedFrame(
    frames: Map<string, Promise<FrameOutcome>>,
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
    const outcome = await streams.page(path, start, FRAME_MAX_BYTES)
    if (outcome.kind !== 'page') return outcome
    const { record } = outcome.page
    const frame = encodeFrame(outcome.page, framingOf(record.contentType), cursor)
    return { kind: 'frame', frame, streamId: record.id }
  }
}
