import { onTestFinished, vi } from 'vitest'
import { stream, type StreamResponse, type StreamStatus } from '../../../src/core/index.ts'
import { joinBytes } from '../../../src/core/decode.ts'
import type { Dynamic } from '../../../src/core/endpoint.ts'
import type { LiveFetch } from '../../../src/core/live/live-fetch.ts'
import type { Locks } from '../../../src/core/live/tabs/environment.ts'
import { createTurns } from '../../../src/core/live/turns.ts'
import { loadLive, setLiveFetch } from '../../../src/core/live.ts'
import { createTurnsServer, ROOT, type TurnsServer } from './turns-server.ts'

/** What one reader has been told. */
export interface Seen {
  path: string
  /** Items of JSON, or what text there is. */
  items: unknown[]
  text: string
  bytes: Uint8Array
  /** When each item came, in milliseconds since 1970. */
  times: number[]
  statuses: StreamStatus['kind'][]
  error: unknown
  isOver: boolean
  leave(): void
}

interface ReadOptions {
  live?: 'sse' | 'long-poll' | true
  as?: 'json' | 'text' | 'bytes'
  headers?: Dynamic
}

/** A page whose live reads take turns. */
export interface TurnsPage {
  /** Creates so many streams and follows each. */
  readAll(count: number, options?: ReadOptions): Seen[]
  /** Asks for one live, as readers do that have caught up. */
  ask(path: string, options: { offset: string; live?: 'sse' | 'long-poll' }): Promise<Response>
  /** Follows a stream from its end. */
  read(path: string, options?: ReadOptions): Seen
}

export interface TurnsWorld extends TurnsPage {
  server: TurnsServer
  openPage(locks?: Locks): TurnsPage
  /** Virtual time passes. */
  pass(ms: number): Promise<void>
  /** Appends 0, 1, … to each of so many streams: ten, or `rounds`. @returns when it appended each. */
  appendRounds(count: number, options: { everyMs: number; rounds?: number }): Promise<number[]>
  /** Every reader leaves, as at the end of the test. */
  close(): void
}

export function pathsOf(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `room-${n}`)
}

/** How long the slowest of the items took that were appended at `times`, in milliseconds. */
export function lateness(seen: Seen, times: readonly number[]): number {
  return Math.max(...seen.times.map((time, n) => time - times[n]!))
}

/** A page and a server in virtual time; at the end nothing must be left of what the readers used. */
export async function openWorld(isLimited: () => boolean = () => true): Promise<TurnsWorld> {
  await loadLive()
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
  const server = createTurnsServer()
  const pages = new Map<typeof fetch, LiveFetch>()
  // Each page is known by the `fetch` that its readers bring.
  setLiveFetch((request) => {
    const send = server.liveFetch
    return pages.get(request.send)!({ ...request, send })
  })
  await loadLive()
  const all = new Set<AbortController>()
  const close = (): void => {
    for (const controller of all) controller.abort()
    all.clear()
  }
  onTestFinished(() => {
    close()
    vi.useRealTimers()
    setLiveFetch(({ target, init, send }) => send(target, init))
  })

  const openPage = (locks?: Locks): TurnsPage => {
    const own: typeof fetch = (...asked) => server.fetch(...asked)
    const turns = createTurns(isLimited, locks)
    pages.set(own, turns)
    const follow: TurnsPage['read'] = (path, options) => {
      const controller = new AbortController()
      all.add(controller)
      return read(path, own, controller, options)
    }
    return {
      read: follow,
      readAll: (count, options) =>
        pathsOf(count).map((path) => (server.create(path), follow(path, options))),
      ask(path, { offset, live = 'sse' }) {
        const controller = new AbortController()
        all.add(controller)
        return turns({
          target: new URL(`${ROOT}${path}?live=${live}&offset=${offset}`),
          init: { method: 'GET', headers: new Headers(), signal: controller.signal },
          send: server.liveFetch,
          multiplex: null,
        })
      },
    }
  }
  const pass = async (ms: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(ms))
  return {
    ...openPage(),
    server,
    openPage,
    close,
    pass,
    async appendRounds(count, { everyMs, rounds = 10 }) {
      const times: number[] = []
      for (let n = 0; n < rounds; n++) {
        times.push(Date.now())
        for (const path of pathsOf(count)) server.append(path, `${n}`)
        await pass(everyMs)
      }
      return times
    },
  }
}

/** Who reads here never gives up. */
const backoff = { maxAttempts: Infinity, maxTotalMs: Infinity }

function read(
  path: string,
  fetch: typeof globalThis.fetch,
  controller: AbortController,
  { live = true, as = 'json', headers }: ReadOptions = {},
): Seen {
  const seen: Seen = {
    ...{
      path,
      items: [],
      text: '',
      bytes: new Uint8Array(),
      times: [],
      statuses: [],
      error: undefined,
      isOver: false,
    },
    leave: () => controller.abort(),
  }
  const { signal } = controller
  const onStatus = ({ kind }: StreamStatus): void => void seen.statuses.push(kind)
  stream({ url: ROOT + path, fetch, headers, live, signal, onStatus, backoff })
    .then((response) => consume(response, seen, as))
    .catch((error: unknown) => (seen.error = error))
    .finally(() => (seen.isOver = true))
  return seen
}

async function consume(response: StreamResponse, seen: Seen, as: ReadOptions['as']): Promise<void> {
  if (as === 'text') response.subscribeText(({ text }) => void (seen.text += text))
  else if (as === 'bytes') {
    response.subscribeBytes(({ data }) => void (seen.bytes = joinBytes([seen.bytes, data])))
  } else {
    response.subscribeJson(({ items }) => {
      for (const item of items) {
        seen.items.push(item)
        seen.times.push(Date.now())
      }
    })
  }
  await response.closed
}
