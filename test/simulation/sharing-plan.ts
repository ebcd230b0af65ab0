import type { Chance } from './chance.ts'
import { drawMix, type Mix, SHARING_FAULTS } from './faults.ts'
import { type ContentType, drawIncidents, type Plan, type StreamPlan, type Way } from './plan.ts'

/** How a tab ends, or stops for a while. */
export type Fate = 'closed' | 'frozen' | 'crashed' | 'hung'

export interface Accident {
  fate: Fate
  /** Whom it meets: who has the connection, if anybody has, or anybody. */
  who: 'leader' | 'anybody'
  /** When, in milliseconds; or at which step of what tabs, network and locks do together. */
  atMs: number | undefined
  atStep: number
  /** After how many milliseconds the tab is there again, or goes on. */
  forMs: number
}

/** What shares live connections, and with whom. */
export interface SharingPlan {
  connection: 'browser' | 'page'
  tabs: number
  /** Whether the browser has what tabs need to speak to each other. */
  hasTabs: boolean
  /** Whether the server reads many streams in one answer, and until when, in milliseconds. */
  hasExtension: boolean
  extensionEndsMs: number | undefined
  /** Whether browsers ask the server over HTTP/1.1. */
  isLimited: boolean
  secrets: 'one for all' | 'one for each stream'
  accidents: Accident[]
  /** Nothing goes wrong but with tabs: what is written arrives in time. */
  isCalm: boolean
}

const NAMES = ['counter', 'rooms/1', 'rooms/2', 'rooms/ä ö', 'a/b/c', '50%/x', 'rooms', "it's (1)"]

/** Several streams, whose readers are in tabs and share what they can. */
export function drawSharedPlan(chance: Chance): Plan {
  const { pick, between, happens } = chance
  const hasExtension = happens(0.85)
  const isCalm = happens(0.25)
  const tabs = pick([1, 2, 2, 3])
  const isBulky = happens(0.02)
  const isLimited = happens(hasExtension ? 0.2 : 0.6)
  const isCrowded = !hasExtension && isLimited
  const healMs = (isCrowded ? between(2, 6) : between(2, 15)) * 1000
  const count = isCrowded ? between(2, 5) : pick([1, 2, 2, 3, 5])
  const first = between(0, NAMES.length - 1)
  const streams = Array.from({ length: count }, (_, i) =>
    drawStream(chance, {
      name: NAMES[(first + i) % NAMES.length]!,
      tabs,
      healMs,
      isBulky: isBulky && i === 0,
      most: isCrowded ? 2 : 3,
    }),
  )
  return {
    streams,
    page: isBulky ? 100_000 : isCalm ? 1000 : pick([3, 20, 1000]),
    longPollMs: pick([2000, 20_000]),
    sseLifetimeMs: pick([3000, 20_000, 60_000]),
    timeoutMs: pick([undefined, 5000, 20_000]),
    hasToken: happens(0.3),
    mix: isCalm ? new Map() : drawSharedMix(chance),
    healMs,
    incidents: isCalm ? [] : drawIncidents(chance, healMs),
    sharing: {
      connection: pick(['browser', 'browser', 'browser', 'page']),
      tabs,
      hasTabs: happens(0.9),
      hasExtension,
      extensionEndsMs: hasExtension && !isCalm && happens(0.15) ? between(0, healMs) : undefined,
      isLimited,
      secrets: pick(['one for all', 'one for all', 'one for each stream']),
      accidents: drawAccidents(chance, tabs, healMs),
      isCalm,
    },
  }
}

/** Few faults at a time, as most seeds have them: what is shared shall be seen to work too. */
function drawSharedMix(chance: Chance): Mix {
  const { happens, pick } = chance
  if (happens(0.2)) return new Map()
  if (happens(0.4)) return new Map([[pick(SHARING_FAULTS), pick([0.1, 0.3, 0.6])]])
  const share = pick([0.2, 0.5])
  const own = SHARING_FAULTS.filter(() => happens(share))
  const rates = own.map((fault) => [fault, pick([0.02, 0.05, 0.15])] as const)
  return new Map([...(happens(0.5) ? drawMix(chance) : []), ...rates])
}

interface About {
  name: string
  tabs: number
  healMs: number
  isBulky: boolean
  /** Most readers. */
  most: number
}

function drawStream(chance: Chance, { name, tabs, healMs, isBulky, most }: About): StreamPlan {
  const { pick, between, happens } = chance
  const contentType = isBulky
    ? 'text/plain'
    : pick<ContentType>([
        'application/json',
        'application/json',
        'text/plain',
        'application/octet-stream',
      ])
  const ways: Way[] =
    contentType === 'application/json'
      ? ['subscribe', 'batches', 'readable', 'follow']
      : ['subscribe', 'readable']
  return {
    name,
    contentType,
    writing: isBulky ? 'append' : pick(['append', 'append', 'producer', 'pipe']),
    messages: isBulky ? 30 : between(1, 8),
    bulk: isBulky ? 40_000 : 0,
    pauseMs: isBulky ? 100 : pick([500, 2000, 5000]),
    isClosed: happens(0.8),
    deletedMs: happens(0.06) ? between(0, healMs) : undefined,
    readers: Array.from({ length: between(1, most) }, (_, i) => ({
      name: `reader ${i} of ${name}`,
      tab: between(0, tabs - 1),
      live: pick<true | 'sse' | 'long-poll'>([true, true, 'sse', 'long-poll']),
      way: pick(ways),
      isStopped: happens(0.3),
      isSlow: happens(isBulky ? 0.6 : 0.15),
    })),
  }
}

function drawAccidents(chance: Chance, tabs: number, healMs: number): Accident[] {
  const { pick, between, happens } = chance
  const count = tabs === 1 ? pick([0, 0, 1]) : pick([0, 1, 1, 2, 3])
  return Array.from({ length: count }, () => {
    const isAtStep = happens(0.5)
    return {
      fate: pick<Fate>(['closed', 'frozen', 'crashed', 'hung']),
      who: pick<Accident['who']>(['leader', 'leader', 'leader', 'anybody']),
      atMs: isAtStep ? undefined : between(0, healMs),
      atStep: isAtStep ? between(1, 150) : 0,
      forMs: pick([between(50, 1500), between(500, 10_000), between(5000, 60_000)]),
    }
  })
}
