import type { Chance } from './chance.ts'
import { drawMix, type Mix } from './faults.ts'
import type { SharingPlan } from './sharing-plan.ts'

export type ContentType = 'application/json' | 'text/plain' | 'application/octet-stream'

/** How messages are written. */
export type Writing = 'append' | 'producer' | 'pipe' | 'writable'

/** How a reader takes what comes. */
export type Way = 'subscribe' | 'batches' | 'readable' | 'follow' | 'whole'

export interface ReaderPlan {
  name: string
  /** In which tab of the browser, if in one. */
  tab?: number
  live: boolean | 'sse' | 'long-poll'
  way: Way
  /** Stopped now and then, and resumed at the offset that was saved. */
  isStopped: boolean
  /** Takes its time with what it is given. */
  isSlow: boolean
}

/** One stream, who writes it and who reads it. */
export interface StreamPlan {
  /** Its path below the root of all streams. */
  name: string
  contentType: ContentType
  writing: Writing
  messages: number
  /** Characters that each message has at least. */
  bulk: number
  /** Most milliseconds between two bursts of messages. */
  pauseMs: number
  /** Closed in the end; else all is aborted, by the signal that all share. */
  isClosed: boolean
  /** When somebody deletes it, in milliseconds. */
  deletedMs: number | undefined
  readers: ReaderPlan[]
}

export interface Plan {
  streams: StreamPlan[]
  /** Most messages, or bytes of other streams, in one answer. */
  page: number
  longPollMs: number
  sseLifetimeMs: number
  timeoutMs: number | undefined
  /** A header comes from a function, which may fail. */
  hasToken: boolean
  mix: Mix
  /** When nothing goes wrong any more, in milliseconds. */
  healMs: number
  incidents: { atMs: number; what: Incident; forMs: number }[]
  /** What shares live connections, if anything does. */
  sharing: SharingPlan | undefined
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

/** One stream, whose readers have connections of their own. */
export function drawPlan(chance: Chance): Plan {
  const { pick, between, happens } = chance
  const contentType = pick<ContentType>([
    'application/json',
    'application/json',
    'text/plain',
    'application/octet-stream',
  ])
  const healMs = between(5, 60) * 1000
  // In this order: what a seed is about follows from it.
  const stream = {
    name: 'simulated',
    contentType,
    writing: pick<Writing>(['append', 'append', 'producer', 'producer', 'pipe', 'writable']),
    messages: between(2, 16),
    bulk: 0,
    pauseMs: pick([100, 1000, 5000]),
    deletedMs: undefined,
  }
  const shared = {
    page: contentType === 'application/json' ? pick([1, 3, 10, 100]) : pick([7, 40, 1000]),
    longPollMs: pick([2000, 20_000]),
    sseLifetimeMs: pick([3000, 60_000]),
    timeoutMs: pick([undefined, 5000, 20_000]),
    hasToken: happens(0.2),
  }
  const readers = drawReaders(chance, contentType)
  const mix = drawMix(chance)
  const incidents = drawIncidents(chance, healMs)
  const streams = [{ ...stream, readers, isClosed: happens(0.85) }]
  return { ...shared, streams, mix, healMs, incidents, sharing: undefined }
}

export function drawIncidents(chance: Chance, healMs: number): Plan['incidents'] {
  const { pick, between } = chance
  return Array.from({ length: pick([0, 0, 1, 2]) }, () => ({
    atMs: between(0, healMs),
    what: pick(INCIDENTS),
    forMs: pick([between(100, 3000), between(1000, 90_000)]),
  }))
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
