import { isSplit } from './turns-answer.ts'
import type { Health } from './turns-health.ts'
import type { TurnReader } from './turns-reader.ts'

/** Live connections to one host. A browser has six for all that is asked there. */
export const LANES = 4

/** Of these so many are kept by readers of SSE, however many others wait. */
export const KEEPERS = 2

/** Each stream that waits has a turn so often, in milliseconds, as long as answers are fast enough. */
export const ROUND_MS = 1000

/** A turn that would be shorter does not wait for news. */
const MIN_TURN_MS = 250

/** So many turns pass before one that does not wait: it always has an answer, which says how long answers take. */
const PROBE_TURNS = 4

/** One connection, and what it may be used for. */
export interface LaneView {
  readonly index: number
  /** Until then it is kept for who has ended and asks again, in milliseconds since 1970. */
  readonly keptUntil: number
}

export interface Situation {
  now: number
  /** Who waits, longest first. */
  waiting: readonly TurnReader[]
  /** Whether there are connections for all, and have been for a while. */
  isCalm: boolean
  /** Whether SSE works. */
  hasSse: boolean
  /** Whether a keeper waits for a reader that asks. */
  hasIdleKeeper: boolean
}

export type Step =
  /** A connection of its own, for as long as it reads. */
  | { kind: 'own'; reader: TurnReader }
  /** Its answer is made of turns: it ends, and asking again it finds the lane. */
  | { kind: 'promote'; reader: TurnReader }
  | { kind: 'turn'; reader: TurnReader }
  | { kind: 'wait'; ms: number }

/** What a lane does next. */
export function nextStep(situation: Situation, lane: LaneView): Step {
  const { now, waiting, isCalm, hasSse, hasIdleKeeper } = situation
  const isKeeper = lane.index < KEEPERS
  const mayOwn = isCalm || hasSse
  const isFresh = (reader: TurnReader): boolean => !reader.isAnswered() && (mayOwn || !reader.isSse)
  if (isCalm || isKeeper) {
    const fresh = waiting.find(isFresh)
    if (fresh) return { kind: 'own', reader: fresh }
    // A live connection that ends within a second is taken for one that does not work.
    const isRipe = (reader: TurnReader): boolean =>
      reader.isAnswered() && !isSplit(reader) && now - reader.joinedAt >= ROUND_MS
    const ripe = mayOwn && waiting.find(isRipe)
    if (ripe && lane.keptUntil > now) return { kind: 'wait', ms: lane.keptUntil - now }
    if (ripe) return { kind: 'promote', reader: ripe }
  }
  if (isKeeper && hasSse) return { kind: 'wait', ms: ROUND_MS }
  // A keeper that waits has them next, for as long as they read.
  const able = waiting.filter((reader) => !reader.isFull() && !(hasIdleKeeper && isFresh(reader)))
  // One lane serves first who has no answer yet, the others strictly who has waited longest.
  const first = lane.index === LANES - 1 && able.find(({ turns }) => !turns)
  const reader = first || able.find(({ notBefore }) => notBefore <= now)
  if (reader) return { kind: 'turn', reader }
  return { kind: 'wait', ms: Math.min(ROUND_MS, ...able.map(({ notBefore }) => notBefore - now)) }
}

/** How the streams of a host take turns. */
export interface Turns {
  /** How long a turn may wait for news; nothing for one that does not wait at all. */
  windowMs: number | undefined
  /** What has brought nothing is asked again so long after, in milliseconds. */
  gapMs: number
}

/**
 * @param count of the streams that take turns.
 * @param mayPoll whether turns may wait for news at all.
 * @param turns that the reader has had.
 */
export function planTurn(
  count: number,
  mayPoll: boolean,
  { hasSse, answerMs }: Pick<Health, 'hasSse' | 'answerMs'>,
  turns: number,
): Turns {
  const lanes = hasSse() ? LANES - KEEPERS : LANES
  const ms = ROUND_MS / Math.max(1, Math.ceil(count / lanes))
  // News on its way shall not be cut off: there must be time for two answers.
  if (!mayPoll || ms < MIN_TURN_MS || ms < 2 * answerMs) {
    return { windowMs: undefined, gapMs: Math.max(MIN_TURN_MS, ROUND_MS - answerMs) }
  }
  // All others may have had such short turns, too, and then wait for the same moment.
  if (turns % PROBE_TURNS === 0) return { windowMs: undefined, gapMs: MIN_TURN_MS }
  return { windowMs: ms, gapMs: Math.max(MIN_TURN_MS, ROUND_MS - ms) }
}

/**
 * Who waits and asks for the same from the same place as `first`, and so has the same turn.
 *
 * @param isPlain whether the turn is a plain read: only these tell what a stream is made of.
 */
export function sharersOf(
  first: TurnReader,
  waiting: readonly TurnReader[],
  isPlain: boolean,
): TurnReader[] {
  const { key, offset, request } = first
  return waiting.filter(
    (reader) =>
      reader === first ||
      (reader.key === key &&
        reader.offset === offset &&
        reader.request.send === request.send &&
        !reader.isFull() &&
        (isPlain || reader.turns > 0)),
  )
}
