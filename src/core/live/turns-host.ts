import type { LiveFetch } from './live-fetch.ts'
import type { Locks } from './tabs/environment.ts'
import { retire, tell } from './turns-answer.ts'
import { takeTurn } from './turns-ask.ts'
import { createBell } from './turns-bell.ts'
import { createHealth } from './turns-health.ts'
import { createLane } from './turns-lane.ts'
import { UNKNOWN } from './turns-own.ts'
import {
  KEEPERS,
  LANES,
  type LaneView,
  nextStep,
  ROUND_MS,
  sharersOf,
  type Step,
  planTurn,
} from './turns-plan.ts'
import { openTurnReader, type TurnReader } from './turns-reader.ts'
import { createSlots } from './turns-slots.ts'

/** A stream that has brought something is asked again no sooner than so long after, in milliseconds. */
const BUSY_MS = 250

/** All live reads of one host. */
export function createHost(origin: string, locks: Locks | undefined): LiveFetch {
  const readers = new Set<TurnReader>()
  const waiting: TurnReader[] = []
  const bell = createBell()
  const slots = createSlots(locks)
  const health = createHealth()
  let crowdedAt = -Infinity
  let contendedAt = -Infinity

  const crowd = (): void => {
    crowdedAt = Date.now()
    for (const { index, own } of lanes) if (index >= KEEPERS) own?.giveUp()
  }
  const contend = (): void => {
    contendedAt = Date.now()
    crowd()
  }
  const next = (lane: LaneView): Step => {
    const now = Date.now()
    const isCalm = readers.size <= LANES && now - crowdedAt >= ROUND_MS
    const hasIdleKeeper = lanes.some(({ index, isIdle }) => index < KEEPERS && isIdle)
    return nextStep({ now, waiting, isCalm, hasSse: health.hasSse(), hasIdleKeeper }, lane)
  }
  const changed = (): void => {
    if (!waiting.length) slots.leave()
    bell.ring()
  }
  const unqueue = (reader: TurnReader): void => {
    const at = waiting.indexOf(reader)
    if (at >= 0) waiting.splice(at, 1)
  }
  const requeue = (reader: TurnReader): void => {
    if (!reader.signal.aborted) waiting.push(reader)
    changed()
  }
  const left = (reader: TurnReader): void => {
    if (readers.size > LANES) crowdedAt = Date.now()
    readers.delete(reader)
    unqueue(reader)
    changed()
  }

  const ownCount = (): number => lanes.filter(({ own }) => own).length
  /** Who waits in another tab waits for no longer than an answer takes. */
  const mayPoll = (): boolean => health.hasPoll && Date.now() - contendedAt > 2 * ROUND_MS

  const turn = async (first: TurnReader): Promise<void> => {
    const startedAt = Date.now()
    const count = new Set([...readers].map(({ key }) => key)).size - ownCount()
    const { windowMs, gapMs } = planTurn(count, mayPoll(), health, first.turns)
    const sharers = sharersOf(first, waiting, !windowMs)
    sharers.forEach(unqueue)
    const answer = await takeTurn(first, windowMs, () => {
      if (!windowMs) health.sawAnswer(Date.now() - startedAt)
    })
    const isUnknown = !!answer && !!windowMs && UNKNOWN.includes(answer.status)
    if (isUnknown) health.hasPoll = false
    for (const reader of sharers) {
      // It has left meanwhile, and takes no more.
      if (reader.signal.aborted) continue
      reader.turns++
      const isNews = !!answer && !isUnknown && tell(reader, answer)
      // What was cut off has waited for its news.
      if (answer) reader.notBefore = startedAt + (isNews ? BUSY_MS : gapMs)
      retire(reader)
      requeue(reader)
    }
  }

  const { sawSse } = health
  const work = { name: origin, waiting, bell, slots, next, unqueue, requeue, turn, sawSse, contend }
  const lanes = Array.from({ length: LANES }, (_, index) => createLane(index, work))

  return (request) => {
    const [reader, answered] = openTurnReader(request, left, bell.ring)
    readers.add(reader)
    waiting.push(reader)
    if (readers.size > LANES) crowd()
    bell.ring()
    for (const { run } of lanes) run()
    return answered
  }
}
