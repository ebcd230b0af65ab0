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
  /** How many live readers there are. */
  readonly size: number
  /** No reader should wait any longer. */
  readonly closed: boolean
  close(): void
}

interface Room {
  listeners: Set<() => void>
  shared: Map<string, Promise<unknown>>
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
    const shared = new Map<string, Promise<unknown>>()
    let telling = false
    const unwatch = watch(path, () => {
      shared.clear()
      if (telling) return
      telling = true
      void pause().then(() => {
        telling = false
        for (const listener of listeners) listener()
      })
    })
    const room: Room = { listeners, shared, leave: (one) => leave(room, path, one), unwatch }
    rooms.set(path, room)
    return room
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
