import type { Bell } from './turns-bell.ts'
import { openOwn, type OwnConnection } from './turns-own.ts'
import { KEEPERS, type LaneView, ROUND_MS, type Step } from './turns-plan.ts'
import type { TurnReader } from './turns-reader.ts'
import type { Slots } from './turns-slots.ts'

/** A connection is kept for so long for the reader that had it, and may ask again, in milliseconds. */
const KEPT_MS = 300

/** One of the connections to a host. */
export interface Lane extends LaneView {
  /** Whose connection it is, but for turns. */
  readonly own: OwnConnection | undefined
  /** Whether it waits for something to do. */
  readonly isIdle: boolean
  /** Works as long as anybody waits. */
  run(): void
}

/** What lanes have in common. */
export interface LaneWork {
  name: string
  waiting: readonly TurnReader[]
  bell: Bell
  slots: Slots
  next(lane: LaneView): Step
  /** Takes a reader out of those who wait, and back if it still waits. */
  unqueue(reader: TurnReader): void
  requeue(reader: TurnReader): void
  turn(reader: TurnReader): Promise<void>
  sawSse(works: boolean): void
  /** Another tab wants the connection. */
  contend(): void
}

export function createLane(index: number, work: LaneWork): Lane {
  const { waiting, bell, slots } = work
  const slot = `${work.name} ${index}`
  const isKeeper = index < KEEPERS
  let isRunning = false
  let own: OwnConnection | undefined
  const lane = {
    index,
    keptUntil: 0,
    isIdle: false,
    get own() {
      return own
    },
    run: () => void run(),
  }
  const keep = (): void => {
    lane.keptUntil = Date.now() + KEPT_MS
  }

  const begin = async (): Promise<void> => {
    const step = work.next(lane)
    if (step.kind === 'wait') return
    const { kind, reader } = step
    if (kind === 'turn') return work.turn(reader)
    work.unqueue(reader)
    keep()
    if (kind === 'promote') return reader.end()
    own = openOwn(reader, work.sawSse)
    // Who asked besides it was left to this lane, too.
    bell.ring()
    void own.over.then(() => {
      own = undefined
      keep()
      work.requeue(reader)
    })
  }

  /** While it has the slot: a connection of its own that is wanted in another tab ends first. */
  const serve = async (): Promise<void> => {
    await begin()
    let lookAt = Date.now() + ROUND_MS
    while (own) {
      await bell.wait(ROUND_MS)
      if (isKeeper || Date.now() < lookAt) continue
      lookAt = Date.now() + ROUND_MS
      if (await slots.isWanted(slot)) work.contend()
    }
  }

  const run = async (): Promise<void> => {
    if (isRunning) return
    isRunning = true
    while (waiting.length) {
      const step = work.next(lane)
      lane.isIdle = step.kind === 'wait'
      if (step.kind === 'wait') await bell.wait(step.ms)
      else await slots.hold(slot, serve, () => isKeeper || work.contend())
    }
    isRunning = lane.isIdle = false
  }

  return lane
}
