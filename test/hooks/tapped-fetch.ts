/** A request of a page. */
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
  /** How many live reads were begun and not ended. */
  readonly openReads: number
  /** Answers a request itself; or lets it through, perhaps later. Nothing by default. */
  answer: ((asked: Asked) => Response | undefined | Promise<Response | undefined>) | undefined
}

export function tapFetch(): TappedFetch {
  const asked: Asked[] = []
  let openReads = 0
  const tap: TappedFetch = {
    asked,
    get openReads() {
      return openReads
    },
    answer: undefined,
    async fetch(input, init) {
      const { pathname, searchParams } = new URL(String(input))
      const request = {
        method: init?.method ?? 'GET',
        key: pathname.replace('/v1/stream/', ''),
        offset: searchParams.get('offset'),
        isLive: searchParams.has('live'),
      }
      asked.push(request)
      if (request.isLive) {
        openReads++
        init?.signal?.addEventListener('abort', () => openReads--, { once: true })
      }
      return (await tap.answer?.(request)) ?? fetch(input, init)
    },
  }
  return tap
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
