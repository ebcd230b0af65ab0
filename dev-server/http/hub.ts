/** What several readers share is kept for readers at the tail, or a little behind. */
const KEPT = 8

/** One live reader's place among all that follow a stream. */
export interface Seat {
  /** What `make` gives: made once for all who ask for `key` before the stream changes. */
  share<Value>(key: string, make: () => Promise<Value>): Promise<Value>
  leave(): void
}

/** Wakes live readers. */
export interface Hub {
  /** `listener` is called when the stream changed, and when the hub closes. */
  join(path: string, listener: () => void): Seat
  /** Calls `listener` when the hub closes: for readers who have joined nothing yet. @returns an end to it. */
  onClose(listener: () => void): () => void
  /** How many live readers there are. */
  readonly size: number
  /** No reader should wait any longer. */
  readonly closed: boolean
  close(): void
}

interface Room {
  listeners: Set<() => void>
  shared: Map<string, Promise<unknown>>
  /** The listeners know of all changes. */
  isTold: boolean
  leave: (listener: () => void) => void
  unwatch: () => void
}

export interface HubOptions {
  /** Calls back after each change of a stream; see `Storage.watch`. */
  watch: (path: string, listener: () => void) => () => void
  /** Lets the event loop turn once: changes until then are told as one. */
  pause: () => Promise<void>
}

export function createHub({ watch, pause }: HubOptions): Hub {
  const rooms = new Map<string, Room>()
  const closing = new Set<() => void>()
  /** Whose listeners are told at the end of this turn of the event loop, all in one go. */
  let changed: Room[] = []
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
    onClose(listener) {
      closing.add(listener)
      return () => void closing.delete(listener)
    },
    close() {
      closed = true
      for (const listener of closing) listener()
      for (const { listeners } of rooms.values()) for (const listener of listeners) listener()
    },
  }

  function openRoom(path: string): Room {
    const listeners = new Set<() => void>()
    const shared = new Map<string, Promise<unknown>>()
    const unwatch = watch(path, () => {
      shared.clear()
      tellSoon(room)
    })
    const room: Room = {
      listeners,
      shared,
      isTold: true,
      leave: (one) => leave(room, path, one),
      unwatch,
    }
    rooms.set(path, room)
    return room
  }

  /** Who listens to several streams that changed hears of all of them before anything else is done. */
  function tellSoon(room: Room): void {
    if (!room.isTold) return
    room.isTold = false
    if (changed.push(room) === 1) void pause().then(tell)
  }

  function tell(): void {
    const told = changed
    changed = []
    for (const room of told) {
      room.isTold = true
      for (const listener of room.listeners) listener()
    }
  }

  function leave(room: Room, path: string, listener: () => void): void {
    if (room.listeners.delete(listener)) size -= 1
    if (room.listeners.size > 0 || rooms.get(path) !== room) return
    rooms.delete(path)
    room.unwatch()
  }
}

/** A class, because there may be very many. */
class RoomSeat implements Seat {
  readonly #room: Room
  readonly #listener: () => void

  constructor(room: Room, listener: () => void) {
    this.#room = room
    this.#listener = listener
  }

  share<Value>(key: string, make: () => Promise<Value>): Promise<Value> {
    const { shared } = this.#room
    const known = shared.get(key) as Promise<Value> | undefined
    if (known) return known
    const value = make()
    shared.set(key, value)
    value.catch(() => shared.delete(key))
    if (shared.size > KEPT) shared.delete(shared.keys().next().value!)
    return value
  }

  leave(): void {
    this.#room.leave(this.#listener)
  }
}
