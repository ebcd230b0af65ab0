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

/** What may happen to what is shared: to an answer for many streams, to one stream in it, to a message between tabs. */
const OF_SHARING = {
  'hub-cut': 'hub',
  'hub-ended': 'hub',
  'hub-torn': 'hub',
  'hub-silent': 'hub',
  'hub-buffered': 'hub',
  /** An answer with a status of any kind, or one that is no events. */
  'hub-refused': 'hub',
  /** Such a status for one stream, the others are served. */
  'member-refused': 'member',
  /** One stream's part of the answer ends, the others go on. */
  'member-ended': 'member',
  'message-lost': 'message',
  'message-late': 'message',
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
  /** A tab ends, or stops for a while: the one that has the connection for all, or another. */
  'leader-closed',
  'leader-frozen',
  'leader-crashed',
  'leader-hung',
  'follower-closed',
  'follower-frozen',
  'follower-crashed',
  'follower-hung',
  /** A server that has one answer for one stream, and one that has so from some time on. */
  'no-extension',
  'extension-gone',
  'stream-deleted',
  /** A reader has been given much less than there is. */
  'reader-lagging',
] as const

export type SharingFault = keyof typeof OF_SHARING
export type RequestFault = keyof typeof OF_REQUESTS | SharingFault
export type Fault = RequestFault | (typeof OF_THE_WORLD)[number]

const OF_ALL = { ...OF_REQUESTS, ...OF_SHARING }
const REQUEST_FAULTS = Object.keys(OF_REQUESTS) as RequestFault[]
export const SHARING_FAULTS = Object.keys(OF_SHARING) as SharingFault[]
export const FAULTS: readonly Fault[] = [...REQUEST_FAULTS, ...SHARING_FAULTS, ...OF_THE_WORLD]

/** How likely each fault is in one seed. */
export type Mix = ReadonlyMap<RequestFault, number>

/** Some seeds know no fault, some one that comes nearly always, most several. */
export function drawMix(chance: Chance, faults: readonly RequestFault[] = REQUEST_FAULTS): Mix {
  const { happens, pick } = chance
  if (happens(0.05)) return new Map()
  if (happens(0.2)) return new Map([[pick(faults), pick([0.3, 0.6, 0.9])]])
  const share = pick([0.15, 0.4, 0.7])
  const some = faults.filter(() => happens(share))
  return new Map(some.map((fault) => [fault, pick([0.02, 0.05, 0.15])]))
}

/** What happens to a request, if anything: `sse` is a GET too. */
export function drawFault(
  mix: Mix,
  kind: 'POST' | 'GET' | 'sse' | 'hub' | 'member' | 'message',
  chance: Chance,
): RequestFault | undefined {
  const isRequest = kind !== 'member' && kind !== 'message'
  const isPlain = kind === 'POST' || kind === 'GET'
  for (const [fault, rate] of mix) {
    const to = OF_ALL[fault]
    const mayHappen = (to === 'any' && isRequest) || to === kind || (to === 'plain' && isPlain)
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

/** Whoever answers knows nothing of many streams in one answer, or wants nothing of it. */
export function drawHubRefusal({ pick }: Chance): Answer {
  const status = pick([200, 400, 401, 403, 404, 405, 413, 415, 429, 500, 501, 502, 503, 504])
  const body = encoder.encode(status === 200 ? '<p>' : '{"error":{"message":"no hub"}}')
  return { status, headers: { 'content-type': 'text/html' }, body }
}

/** One stream of many is refused. */
export function drawMemberRefusal({ pick }: Chance): Answer {
  const status = pick([400, 401, 403, 404, 408, 410, 429, 500, 503])
  const headers = {
    'content-type': 'application/json',
    ...(status === 429 && { 'retry-after': '1' }),
  }
  return { status, headers, body: encoder.encode('{"error":{"message":"not this one"}}') }
}
