import type { StreamError } from '../../../src/core/errors.ts'
import {
  checkpoint,
  type Failure,
  type Keeper,
  outbox,
  type SharedStore,
  type StoreSnapshot,
} from '../../../src/state/store/index.ts'
import {
  type Action,
  addTo,
  addWhereItHolds,
  type Call,
  claimAs,
  EMPTY,
  idOf,
  type List,
  reduceList,
  setTo,
} from './list-app.ts'
import { createLine, type SimulatedLine } from './simulated-line.ts'
import { openStore } from './open-store.ts'
import type { Mount, SimulatedDisk } from './simulated-disk.ts'
import { type Place, StoreReading } from './store-reading.ts'
import type { StoreWorld } from './store-world.ts'

/** One call of a user, which the store took. */
interface Made {
  id: string
  call: Call
}

/** A list that a page may show, and how many of its own writes are pending with it. */
interface Expected {
  state: List
  pending: number
}

// Longer than most files: what is known of one page, and held against what it shows, stands together.
/** One page of the app, from its opening to its closing, and all that it may and may not do. */
export class StorePage {
  readonly name: string
  readonly store: SharedStore<List, Action>
  readonly line: SimulatedLine
  readonly made: Made[] = []
  /** Ids whose refusal came back. */
  readonly refused: Set<string> = new Set()
  /** Ids that the network may have brought to one life of the stream, and has to the next. */
  readonly repeated: Set<string> = new Set()
  readonly reading: StoreReading
  /** Ids that are on disk when it dies: others send them. */
  readonly kept: Set<string> = new Set()
  /** Ids that were among the failures. */
  readonly failed: Set<string> = new Set()
  readonly errors: StreamError[] = []
  readonly #world: StoreWorld
  readonly #disk: SimulatedDisk
  readonly #mount: Mount
  #txids = 0
  #calls = 0
  #last: StoreSnapshot<List, Action>
  #leave: (() => void) | undefined

  constructor(world: StoreWorld, name: string, disk: SimulatedDisk) {
    const { server, clock, chance, plan } = world
    this.#world = world
    this.reading = new StoreReading(world)
    this.name = name
    this.#disk = disk
    this.#mount = disk.mount()
    this.line = createLine({
      url: 'http://simulated/list',
      ...{ server, clock, chance },
      weather: () => world.weather,
      onBatch: (batch) => this.reading.take(batch),
      onRefused: (texts, mayBeStored) => {
        for (const id of texts.map(writerOf)) this.refused.add(id)
        this.#world.isUnsure ||= mayBeStored
      },
      onRepeated: (texts) => {
        for (const id of texts.map(writerOf)) this.repeated.add(id)
      },
    })
    this.store = openStore({
      kind: plan.kind,
      line: this.line,
      reducer: plan.kind === 'state' ? (_, value) => value as List : reduceList,
      initialState: EMPTY,
      createTxid: () => `${name}.${++this.#txids}`,
      onError: (error) => void this.errors.push(error),
      keepers: this.#keepers(),
    })
    this.#last = this.store.getSnapshot()
  }

  come(): void {
    if (this.#leave) return
    const leaves = [
      this.store.subscribe(() => {
        throw new Error('from a listener')
      }),
      this.store.subscribe(() => this.#onChange()),
    ]
    // The first of them has it connect.
    this.#last = this.store.getSnapshot()
    this.#leave = () => leaves.forEach((leave) => leave())
  }

  leave(): void {
    this.#leave?.()
    this.#leave = undefined
  }

  #keepers(): Keeper[] {
    const { keeps } = this.#world.plan
    const { persistence } = this.#mount
    const state = checkpoint(persistence, { reducerVersion: 1 })
    if (keeps === 'nothing') return []
    return keeps === 'checkpoint' ? [state] : [state, outbox(persistence, { lookEveryMs: 3000 })]
  }

  kill(): void {
    this.#noteFailures()
    this.line.kill()
    this.#mount.kill()
    this.leave()
    for (const [name, records] of this.#disk.journals) {
      if (!name.startsWith('outbox:')) continue
      for (const text of records)
        this.kept.add(idOf((JSON.parse(text) as { action: Action }).action))
    }
  }

  call(call: Call): void {
    const id = `${call.do === 'claim' ? 'claim ' : ''}${this.name}:${++this.#calls}`
    const before = this.store.getSnapshot()
    // Told before the store is: its listeners are called while it takes the call.
    this.made.push({ id, call })
    try {
      this.#tell(id, call)
    } catch {
      this.made.pop()
      const isFragile = call.do === 'fragile-update' || call.do === 'dispatch'
      if (!isFragile) this.#world.fail(`${this.name} could not ${call.do}`)
      if (this.store.getSnapshot() !== before) this.#world.fail('A call that threw left a trace')
    }
  }

  #tell(id: string, call: Call): void {
    const { store } = this
    if (call.do === 'set') store.dispatch(setTo(id))
    else if (call.do === 'dispatch') store.dispatch({ do: call.action, id })
    else if (call.do === 'update') store.update(addTo(id))
    else if (call.do === 'claim') store.update(claimAs(id))
    else store.update(addWhereItHolds(id))
  }

  retry(): void {
    const [failure] = this.#noteFailures()
    if (!failure) return
    this.#world.retried.add(idOf(failure.action))
    try {
      failure.retry()
    } catch {
      // It cannot be done on what is there now, and is done with.
    }
  }

  dismiss(): void {
    this.#noteFailures()[0]?.dismiss()
  }

  #noteFailures(): readonly Failure<Action>[] {
    const { failures } = this.store.getSnapshot()
    for (const { action, error } of failures) {
      const id = idOf(action)
      // The function of an update went with the page that made it.
      const isAdopted = error.code === 'conflict' && !this.made.some((made) => made.id === id)
      if (!this.refused.has(id) && !isAdopted && !this.#mayFail(id)) {
        this.#fail(`${id} failed by ${error.code}, and nobody refused`)
      }
      this.failed.add(id)
      this.#world.failed.add(id)
    }
    return failures
  }

  /** Nothing is on its way, and all that the server has is read. */
  get isAtRest(): boolean {
    const { pending, status, offset } = this.store
    return pending === 0 && status.kind === 'live' && offset === this.#world.server.tail
  }

  /** Holds what the store says now against what it may say. */
  check(): void {
    const snapshot = this.store.getSnapshot()
    if (this.#leave && snapshot !== this.#last) {
      return this.#fail('has changed, and no listener was called')
    }
    this.#checkShown(snapshot, this.store.offset)
  }

  #onChange(): void {
    if (!this.#leave) return
    const snapshot = this.store.getSnapshot()
    const before = this.#last
    const names = Object.keys(snapshot) as (keyof typeof snapshot)[]
    if (names.every((name) => Object.is(snapshot[name], before[name]))) {
      this.#fail('called a listener, and nothing has changed')
    }
    this.#last = snapshot
    this.#checkShown(snapshot, snapshot.offset)
  }

  #checkShown({ state, pending }: StoreSnapshot<List, Action>, offset: string): void {
    this.#noteFailures()
    const place = this.reading.placeOf(offset)
    if (!place) return this.#fail(`is at ${offset}, where no batch ended`)
    // What becomes of these is decided by rules that the model does not have; after a loss it may
    // read once more before it believes what it read.
    if (this.#world.server.losses > 0 || this.#world.mayAdopt) return
    if (
      this.#world.isUnsure ||
      this.#world.retried.size > 0 ||
      this.made.some(({ call }) => call.do === 'claim')
    )
      return
    const expected = this.#expect(place)
    const [real, right] = [JSON.stringify(state), JSON.stringify(expected.state)]
    if (real !== right && !this.#mayShow(real, place))
      this.#fail(`shows ${real} at ${offset}, not ${right}`)
    if (pending !== expected.pending) {
      this.#fail(`says ${pending} are pending at ${offset}, not ${expected.pending}`)
    }
  }

  /** On its way from a checkpoint, it shows what that held, which was true at some place before. */
  #mayShow(real: string, place: Place): boolean {
    const { keeps } = this.#world.plan
    if (keeps === 'nothing' || place.isCaughtUp || place.life === 0) return false
    const places = this.#world.fold(place.life).places.slice(0, place.position + 1)
    return places.some(
      ({ state }) => real === JSON.stringify(this.#expect({ ...place, before: state }).state),
    )
  }

  /** What a change that could not be computed anew is called. */
  #mayFail(id: string): boolean {
    return this.made.some((made) => made.id === id && made.call.do === 'fragile-update')
  }

  #expect({ life, position, isCaughtUp, before }: Place): Expected {
    const fold = life > 0 ? this.#world.fold(life) : undefined
    const seen = new Set([...this.reading.seen, ...(fold?.seen(position) ?? [])])
    const pending = this.made.filter(({ id }) => !seen.has(id) && !this.failed.has(id))
    const overwritten = this.made.findLastIndex(({ id, call }) => call.do === 'set' && seen.has(id))
    const left = pending.filter(
      (made) => made.call.do === 'set' || this.made.indexOf(made) > overwritten,
    )
    const start = isCaughtUp && fold ? fold.at(position).state : before
    return { state: left.reduce(replayOn, start), pending: left.length }
  }

  #fail(what: string): void {
    this.#world.fail(`${this.name} ${what}`)
  }
}

function writerOf(text: string): string {
  return idOf((JSON.parse(text) as { value: Action }).value)
}

/** What a call makes of a list; nothing where it cannot. */
function replayOn(state: List, { id, call }: Made): List {
  try {
    if (call.do === 'set') return setTo(id)
    if (call.do === 'dispatch') return reduceList(state, { do: call.action, id })
    return call.do === 'update' ? addTo(id)(state) : addWhereItHolds(id)(state)
  } catch {
    return state
  }
}
