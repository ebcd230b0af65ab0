import type { Chance } from './chance.ts'
import type { Answer } from './model-server.ts'

/** What may happen to one request, and to whom. */
const OF_REQUESTS = {
  /** It never reaches the server. */
  refused: 'any',
  /** The server acts, and its answer is lost. */
  'reply-lost': 'any',
  /** The server acts, and dies before it answers; when it is back it has forgotten its producers. */
  'server-died': 'POST',
  /** The server acts, and a gateway answers 502 or 504. */
  'gateway-error': 'any',
  /** 5xx, with and without `Retry-After`. */
  unavailable: 'any',
  /** 429 with `Retry-After` in every form. */
  'rate-limited': 'any',
  /** 408 or 425. */
  'try-again': 'any',
  /** Nothing ever comes back; the server acts, or does not. */
  hung: 'any',
  /** It takes seconds. */
  slow: 'any',
  /** On its way for so long that others overtake it; it arrives even when its sender has given up. */
  overtaken: 'POST',
  /** It arrives twice, the second time late. */
  repeated: 'POST',
  /** The body breaks off after some bytes, with an error. */
  'body-cut': 'plain',
  /** The body stops in the middle and neither goes on nor ends. */
  'body-stalled': 'plain',
  /** A cache gives an older answer to the same URL. */
  'stale-answer': 'GET',
  /** A cache that ignores the query gives the answer to an older question. */
  'query-ignored': 'GET',
  'sse-cut': 'sse',
  /** The connection ends cleanly after some bytes. */
  'sse-ended': 'sse',
  /** It ends, in one way or the other, between a data event and its control event. */
  'sse-torn': 'sse',
  /** Nothing more comes, nobody says so. */
  'sse-silent': 'sse',
  /** A proxy gives nothing before the connection ends. */
  'sse-buffered': 'sse',
} as const

/** What happens by itself, or to all. */
const OF_THE_WORLD = [
  /** No request gets through for a while. */
  'outage',
  /** The same, but nobody is told. */
  'black-hole',
  /** The server restarts: all connections break. */
  'restart',
  /** … and it has forgotten a producer. */
  'producer-forgotten',
  /** The user's own function that gives a header fails. */
  'token-failed',
  /** The client's machine sleeps. */
  'sleep',
  /** A chunk ends within a character. */
  'character-split',
  /** `Retry-After` in seconds, as a date, far too large, and as what is neither. */
  'retry-after-seconds',
  'retry-after-date',
  'retry-after-absurd',
  'retry-after-garbage',
] as const

export type RequestFault = keyof typeof OF_REQUESTS
export type Fault = RequestFault | (typeof OF_THE_WORLD)[number]

export const REQUEST_FAULTS = Object.keys(OF_REQUESTS) as RequestFault[]
export const FAULTS: readonly Fault[] = [...REQUEST_FAULTS, ...OF_THE_WORLD]

/** How likely each fault is in one seed. */
export type Mix = ReadonlyMap<RequestFault, number>

/** Some seeds know no fault, some one that comes nearly always, most several. */
export function drawMix(chance: Chance): Mix {
  const { happens, pick } = chance
  if (happens(0.05)) return new Map()
  if (happens(0.2)) return new Map([[pick(REQUEST_FAULTS), pick([0.3, 0.6, 0.9])]])
  const share = pick([0.15, 0.4, 0.7])
  const some = REQUEST_FAULTS.filter(() => happens(share))
  return new Map(some.map((fault) => [fault, pick([0.02, 0.05, 0.15])]))
}

/** What happens to a request, if anything: `sse` is a GET too. */
export function drawFault(
  mix: Mix,
  kind: 'POST' | 'GET' | 'sse',
  chance: Chance,
): RequestFault | undefined {
  for (const [fault, rate] of mix) {
    const to = OF_REQUESTS[fault]
    const mayHappen = to === 'any' || to === kind || (to === 'plain' && kind !== 'sse')
    if (mayHappen && chance.happens(rate)) return fault
  }
  return undefined
}

const encoder = new TextEncoder()

/** A refusal by which the client must wait. */
export function drawRefusal(
  fault: 'unavailable' | 'rate-limited' | 'try-again',
  nowMs: number,
  chance: Chance,
  happened: (fault: Fault) => void,
): Answer {
  const { pick, between, happens } = chance
  const body = pick([
    undefined,
    encoder.encode('{"error":{"message":"no"}}'),
    encoder.encode('<p>'),
  ])
  if (fault === 'try-again') return { status: pick([408, 425]), headers: {}, ...(body && { body }) }
  const status = fault === 'rate-limited' ? 429 : pick([500, 502, 503, 504, 507])
  if (fault === 'unavailable' && happens(0.6)) return { status, headers: {}, ...(body && { body }) }
  const date = (ms: number): string => new Date(nowMs + ms).toUTCString()
  const forms: [Fault, () => string][] = [
    ['retry-after-seconds', () => String(between(0, 4))],
    ['retry-after-date', () => date(between(-2000, 4000))],
    ['retry-after-absurd', () => pick(['2000000', '2592000', '99999999999999999999', date(1e12)])],
    ['retry-after-garbage', () => pick(['soon', '', '-1', '1.5e9', 'Thu, 99 Foo'])],
  ]
  const [form, value] = happens(0.4) ? forms[0]! : pick(forms)
  happened(form)
  return { status, headers: { 'retry-after': value() }, ...(body && { body }) }
}
