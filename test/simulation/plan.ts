import type { Chance } from './chance.ts'
import { drawMix, type Mix } from './faults.ts'

export type ContentType = 'application/json' | 'text/plain' | 'application/octet-stream'

/** How messages are written. */
export type Writing = 'append' | 'producer' | 'pipe' | 'writable'

/** How a reader takes what comes. */
export type Way = 'subscribe' | 'batches' | 'readable' | 'follow' | 'whole'

export interface ReaderPlan {
  name: string
  live: boolean | 'sse' | 'long-poll'
  way: Way
  /** Stopped now and then, and resumed at the offset that was saved. */
  isStopped: boolean
  /** Takes its time with what it is given. */
  isSlow: boolean
}

export interface Plan {
  contentType: ContentType
  writing: Writing
  messages: number
  /** Most milliseconds between two bursts of messages. */
  pauseMs: number
  /** Most messages, or bytes of other streams, in one answer. */
  page: number
  longPollMs: number
  sseLifetimeMs: number
  timeoutMs: number | undefined
  /** A header comes from a function, which may fail. */
  hasToken: boolean
  readers: ReaderPlan[]
  mix: Mix
  /** When nothing goes wrong any more, in milliseconds. */
  healMs: number
  incidents: { atMs: number; what: Incident; forMs: number }[]
  /** The stream is closed in the end; else its readers are all aborted by the signal that they share. */
  isClosed: boolean
}

export type Incident = 'outage' | 'black-hole' | 'restart' | 'restart-forgetting' | 'sleep'

const INCIDENTS: readonly Incident[] = [
  'outage',
  'black-hole',
  'restart',
  'restart-forgetting',
  'restart-forgetting',
  'sleep',
]

/** What a seed is about. */
export function drawPlan(chance: Chance): Plan {
  const { pick, between, happens } = chance
  const contentType = pick<ContentType>([
    'application/json',
    'application/json',
    'text/plain',
    'application/octet-stream',
  ])
  const healMs = between(5, 60) * 1000
  return {
    contentType,
    writing: pick<Writing>(['append', 'append', 'producer', 'producer', 'pipe', 'writable']),
    messages: between(2, 16),
    pauseMs: pick([100, 1000, 5000]),
    page: contentType === 'application/json' ? pick([1, 3, 10, 100]) : pick([7, 40, 1000]),
    longPollMs: pick([2000, 20_000]),
    sseLifetimeMs: pick([3000, 60_000]),
    timeoutMs: pick([undefined, 5000, 20_000]),
    hasToken: happens(0.2),
    readers: drawReaders(chance, contentType),
    mix: drawMix(chance),
    healMs,
    incidents: Array.from({ length: pick([0, 0, 1, 2]) }, () => ({
      atMs: between(0, healMs),
      what: pick(INCIDENTS),
      forMs: pick([between(100, 3000), between(1000, 90_000)]),
    })),
    isClosed: happens(0.85),
  }
}

function drawReaders(chance: Chance, contentType: ContentType): ReaderPlan[] {
  const { pick, happens } = chance
  const kinds: Pick<ReaderPlan, 'name' | 'live' | 'isStopped'>[] = [
    { name: 'sse', live: 'sse', isStopped: false },
    { name: 'long-poll', live: 'long-poll', isStopped: false },
    { name: 'live', live: true, isStopped: false },
    { name: 'resumed', live: pick([true, 'sse', 'long-poll']), isStopped: true },
  ]
  const ways: Way[] =
    contentType === 'application/json'
      ? ['subscribe', 'batches', 'readable', 'follow']
      : ['subscribe', 'readable']
  const some = kinds.filter(() => happens(0.5))
  const readers = (some.length > 0 ? some : [pick(kinds)]).map((kind) => ({
    ...kind,
    way: pick(ways),
    isSlow: happens(0.2),
  }))
  if (happens(0.8)) return readers
  // Takes all there is, again and again.
  const whole: ReaderPlan = {
    name: 'whole',
    live: false,
    way: 'whole',
    isStopped: false,
    isSlow: false,
  }
  return [...readers, whole]
}
