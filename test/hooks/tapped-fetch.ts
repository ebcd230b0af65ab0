import { readsLive, streamsAskedFor } from '../support/live-reads.ts'

/** A request of a page. One that reads several streams together counts as one for each of them. */
export interface Asked {
  method: string
  /** Path below the server. */
  key: string
  /** Where reading begins; nothing for other requests. */
  offset: string | null
  isLive: boolean
}

/** The fetch of one page, which tells what was asked, and can answer in place of the server. */
export interface TappedFetch {
  fetch: typeof fetch
  readonly asked: readonly Asked[]
  /** The keys that are read live: begun, and not ended. */
  readonly readsOf: readonly string[]
  /** How many they are. */
  readonly openReads: number
  /** How many requests read them. */
  readonly openRequests: number
  /** Answers a request itself; or lets it through, perhaps later. Nothing by default. */
  answer: ((asked: Asked) => Response | undefined | Promise<Response | undefined>) | undefined
}

export function tapFetch(): TappedFetch {
  const asked: Asked[] = []
  const open = new Set<readonly Asked[]>()
  const readsOf = (): string[] => [...open].flat().map(({ key }) => key)
  const tap: TappedFetch = {
    asked,
    get readsOf() {
      return readsOf()
    },
    get openReads() {
      return readsOf().length
    },
    get openRequests() {
      return open.size
    },
    answer: undefined,
    async fetch(input, init) {
      const requests = requestsOf(new URL(String(input)), init)
      asked.push(...requests)
      if (readsLive(input)) {
        open.add(requests)
        init?.signal?.addEventListener('abort', () => open.delete(requests), { once: true })
      }
      for (const request of requests) {
        const answer = await tap.answer?.(request)
        if (answer) return answer
      }
      return fetch(input, init)
    },
  }
  return tap
}

function requestsOf(url: URL, init: RequestInit | undefined): readonly Asked[] {
  const { pathname, searchParams } = url
  const isLive = readsLive(url)
  if (isLive && init?.method === 'POST') {
    return streamsAskedFor(init).map(({ path, offset }) => ({
      method: 'GET',
      key: path,
      offset,
      isLive,
    }))
  }
  const key = pathname.replace('/v1/stream/', '')
  return [{ method: init?.method ?? 'GET', key, offset: searchParams.get('offset'), isLive }]
}

/** Keeps back all reads of `key`; `arrived` tells of the first. */
export function holdReads(
  tap: TappedFetch,
  key: string,
): { arrived: Promise<void>; open: () => void } {
  let open = (): void => {}
  let arrive = (): void => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  tap.answer = async (asked) => {
    if (asked.method !== 'GET' || asked.key !== key) return undefined
    arrive()
    await gate
    return undefined
  }
  return { arrived, open }
}
