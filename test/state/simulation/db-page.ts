import { createLiveQueryCollection, createTransaction, eq } from '@tanstack/db'
import { createStreamDB, type StreamDB } from 'streamwell/state'
import { addTo, type AppRow, COUNTERS, type Definition, newRow, PAIRS, schema } from './db-app.ts'
import { differenceOf, type Picture, pictureOf, redraft } from './db-picture.ts'
import type { Call } from './db-plan.ts'
import type { DbWorld } from './db-world.ts'
import { createLine, type SimulatedLine } from './simulated-line.ts'
import { parseOffset } from './simulated-server.ts'

/** What TanStack DB gives for a write. */
interface Write {
  isPersisted: { promise: Promise<unknown> }
}

/** One write of a user, that the database took. */
export interface Made {
  id: string
  call: Call
  isOver: boolean
  error: unknown
  /** What it makes of rows that are there. */
  redo: (rows: Picture) => void
}

/** One page with a database, and all that it may and may not show. */
export class DbPage {
  readonly name: string
  readonly line: SimulatedLine
  readonly db: StreamDB<Definition, { put: { mutationFn: (row: AppRow) => Promise<void> } }>
  readonly made: Made[] = []
  wasRefused = false
  /** What was refused may be stored nevertheless. */
  isUnsure = false
  readonly #world: DbWorld
  #at: { life: number; position: number; isUpToDate: boolean } | undefined
  #calls = 0
  /** Within a call of its user's: collections show its writes one after the other then. */
  #isCalling = false
  #isGone = false
  #mostAdded = 0
  #joined: { toArray: unknown[]; cleanup: () => Promise<void> } | undefined

  constructor(world: DbWorld, name: string) {
    const { server, clock, chance } = world
    this.#world = world
    this.name = name
    this.line = createLine({
      url: `http://simulated/${name}`,
      ...{ server, clock, chance },
      weather: () => world.weather,
      onBatch: ({ offset, upToDate }) => {
        this.#at = { ...parseOffset(offset)!, isUpToDate: upToDate }
      },
      onRefused: (_, mayBeStored) => {
        this.wasRefused = true
        this.isUnsure ||= mayBeStored
      },
    })
    this.db = createStreamDB({
      stream: this.line,
      state: schema,
      onEvent: () => this.#throwNowAndThen(),
      onBatch: () => this.#throwNowAndThen(),
      onInvalid: () => this.#throwNowAndThen(),
      actions: ({ db, stream }) => ({
        put: {
          onMutate: (row: AppRow) => void db.collections.users.insert(row),
          mutationFn: async (row: AppRow) => {
            await stream.append(schema.users.insert({ value: row, headers: { txid: row.stamp } }))
            await db.utils.awaitTxId(row.stamp, 10_000_000)
          },
        },
      }),
    })
    void this.db.preload()
    // Rows of a first load take another way while nobody looks.
    if (chance.happens(0.7)) this.#watch()
    else clock.after(chance.between(0, 3000), () => this.#watch())
  }

  #watch(): void {
    const { users, rooms } = this.db.collections
    if (this.#isGone) return
    const joined = createLiveQueryCollection({
      query: (q) =>
        q
          .from({ user: users })
          .fullJoin({ room: rooms }, ({ user, room }) => eq(user.id, room.id))
          .select(({ user, room }) => ({
            id: user?.id,
            room: room?.id,
            userStamp: user?.stamp,
            roomStamp: room?.stamp,
          })),
      startSync: true,
    })
    this.#joined = joined as never
    // TanStack DB calls those who listen to one collection before it comes to the next.
    const lookSoon = (): void => queueMicrotask(() => this.#look())
    users.subscribeChanges(lookSoon)
    rooms.subscribeChanges(lookSoon)
    joined.subscribeChanges(() => this.#look())
  }

  /** A callback of the user's that throws stops nothing. */
  #throwNowAndThen(): void {
    if (this.#world.chance.happens(0.05)) throw new Error('from a callback')
  }

  kill(): void {
    this.#isGone = true
    this.line.kill()
    this.db.close()
  }

  call(call: Call): void {
    const id = `${this.name}:${++this.#calls}`
    this.#isCalling = true
    try {
      this.#tell(id, call)
    } catch (error) {
      const text = String(error)
      const isExpected = /not found|does not exist|already exists|duplicate|was deleted/i.test(text)
      if (!isExpected) this.#fail(`could not ${call.do}: ${text}`)
    }
    this.#isCalling = false
    this.#look()
  }

  #tell(id: string, call: Call): void {
    const { users, rooms } = this.db.collections
    switch (call.do) {
      case 'add': {
        const key = COUNTERS[call.row % COUNTERS.length]!
        const redo = (rows: Picture): void => redraft(rows.users, key, (draft) => addTo(draft, id))
        return this.#note(id, call, redo, () => users.update(key, (draft) => addTo(draft, id)))
      }
      case 'add-both': {
        if (!COUNTERS.every((key) => users.has(key))) return
        const redo = (rows: Picture): void => {
          for (const key of COUNTERS) redraft(rows.users, key, (draft) => addTo(draft, id))
        }
        return this.#transact(id, call, redo, () => {
          for (const key of COUNTERS) users.update(key, (draft) => addTo(draft, id))
        })
      }
      case 'stamp': {
        const key = PAIRS[call.pair]!
        if (!users.has(key)) return
        const redo = (rows: Picture): void => {
          redraft(rows.users, key, (draft) => addTo(draft, id))
          redraft(rows.rooms, key, (draft) => addTo(draft, id))
        }
        return this.#transact(id, call, redo, () => {
          users.update(key, (draft) => addTo(draft, id))
          rooms.update(key, (draft) => addTo(draft, id))
        })
      }
      case 'toggle':
        return this.#toggle(id, call, PAIRS[call.pair]!)
      case 'insert': {
        const redo = (rows: Picture): void => void rows.users.set(id, newRow(id, id))
        return this.#note(id, call, redo, () => users.insert(newRow(id, id)))
      }
      case 'act': {
        const redo = (rows: Picture): void => void rows.users.set(id, newRow(id, id))
        const made = this.#add(id, call, redo)
        return this.#follow(made, this.db.actions.put(newRow(id, id)))
      }
      case 'delete': {
        const keys = [...users.keys()].filter((key) => !PAIRS.includes(key as never))
        const key = keys[call.row % keys.length]
        if (key === undefined) return
        const redo = (rows: Picture): void => void rows.users.delete(key)
        return this.#note(id, call, redo, () => users.delete(key))
      }
    }
  }

  #toggle(id: string, call: Call, key: string): void {
    const { users, rooms } = this.db.collections
    const isThere = users.has(key)
    const redo = (rows: Picture): void => {
      for (const all of [rows.users, rows.rooms]) {
        if (isThere) all.delete(key)
        else all.set(key, newRow(key, id))
      }
    }
    this.#transact(id, call, redo, () => {
      for (const all of [users, rooms]) {
        if (isThere) all.delete(key)
        else all.insert(newRow(key, id))
      }
    })
  }

  #transact(id: string, call: Call, redo: Made['redo'], mutate: () => void): void {
    this.#note(id, call, redo, () => {
      const { mutationFn } = this.db.utils
      const transaction = createTransaction({ mutationFn, autoCommit: false })
      transaction.mutate(mutate)
      transaction.commit().catch(() => {})
      return transaction
    })
  }

  #note(id: string, call: Call, redo: Made['redo'], write: () => Write): void {
    const made = this.#add(id, call, redo)
    try {
      this.#follow(made, write().isPersisted.promise)
    } catch (error) {
      this.made.splice(this.made.indexOf(made), 1)
      throw error
    }
  }

  #add(id: string, call: Call, redo: Made['redo']): Made {
    const made: Made = { id, call, redo, isOver: false, error: undefined }
    this.made.push(made)
    return made
  }

  #follow(made: Made, promise: Promise<unknown>): void {
    promise.then(
      () => (made.isOver = true),
      (error: unknown) => Object.assign(made, { isOver: true, error }),
    )
  }

  get isAtRest(): boolean {
    const { server } = this.#world
    return (
      this.db.offset === server.tail &&
      this.db.status.current.kind === 'live' &&
      this.made.every(({ isOver }) => isOver)
    )
  }

  /** At every change of any collection: no transaction is ever seen by half. */
  #look(): void {
    if (this.#isCalling || this.#isGone) return
    const { users, rooms } = this.db.collections
    for (const key of PAIRS) {
      const [user, room] = [users.get(key)?.stamp, rooms.get(key)?.stamp]
      if (user !== room) this.#fail(`shows half of a transaction: ${user} and ${room}`)
    }
    for (const row of (this.#joined?.toArray ?? []) as {
      userStamp?: string
      roomStamp?: string
    }[]) {
      const { id, room, userStamp, roomStamp } = row as Record<string, string>
      if (!PAIRS.includes((id ?? room) as never)) continue
      if (userStamp !== roomStamp) this.#fail(`joins half of a transaction: ${id}, ${room}`)
    }
    this.#checkAdded()
  }

  /** What was added and shown once shows from then on, unless it was refused. */
  #checkAdded(): void {
    const { plan } = this.#world
    if (!plan.isCounting || this.wasRefused) return
    const { users } = this.db.collections
    const added = COUNTERS.reduce((sum, key) => sum + (users.get(key)?.n ?? 0), 0)
    if (added < this.#mostAdded) this.#fail(`takes back what it showed: ${added}`)
    this.#mostAdded = Math.max(this.#mostAdded, added)
  }

  /** What shows now, or nothing where more is to come before it does. */
  check(): void {
    this.#look()
    const at = this.#at
    const { server } = this.#world
    if (!at?.isUpToDate || !server.exists || at.life !== server.life) return
    const expected = this.#world.modelAt(at.position)
    for (const { isOver, redo } of this.made) if (!isOver) redo(expected)
    const difference = differenceOf(pictureOf(this.db.collections), expected)
    if (difference) this.#fail(difference)
  }

  /** Whether the live query shows what its collections do. */
  checkJoin(): void {
    const { users, rooms } = pictureOf(this.db.collections)
    const ids = new Set([...users.keys(), ...rooms.keys()])
    const real = this.#joined?.toArray.length ?? ids.size
    if (real !== ids.size) this.#fail(`joins ${real} rows, not ${ids.size}`)
  }

  #fail(what: string): void {
    this.#world.fail(`${this.name} ${what}`)
  }
}
