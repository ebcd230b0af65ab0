import { onTestFinished, vi } from 'vitest'
import { createFetchHandler } from '../../dev-server/index.ts'
import type { StreamError } from '../../src/core/index.ts'
import { loadLive } from '../../src/core/live.ts'
import type { PresenceOptions } from '../../src/state/presence/options.ts'
import { createPresenceIn, type Presence } from '../../src/state/presence/presence.ts'
import type { World } from '../../src/state/presence/world.ts'
import { appends } from '../support/live-reads.ts'

// Modules are loaded in real time, which does not pass in a room.
await loadLive()

const MINUTE_MS = 60_000
const ROOM = 'http://room.test/v1/stream/lobby'

export interface About {
  name: string
}

/** Somebody's page. */
export interface Guest {
  presence: Presence<About>
  /** The ids of all who were here, for every snapshot that was shown. */
  shown: string[]
  errors: StreamError[]
  /** `POST`s of this page, with the virtual time at which each was sent. */
  posts: { atMs: number; body: string; keepalive: boolean }[]
  names: () => string[]
  /** Names of those who are away. */
  away: () => string[]
  unsubscribe: () => void
  /** As a browser does: its timers come once a minute from then on. */
  hide: (isHidden?: boolean) => void
  /** @param isNoticed whether the browser tells of it, or only the server cannot be reached. */
  setOnline: (isOnline: boolean, isNoticed?: boolean) => void
  /** From now on nothing of it runs, and nothing gets through: not even a goodbye. */
  crash: () => void
  /** Tells the page of an event. */
  fire: (type: string) => void
}

export interface Room {
  join: (id: string, options?: PresenceOptions, fetch?: typeof globalThis.fetch) => Guest
  /** Lets time pass, for all. */
  pass: (ms: number) => Promise<void>
  request: (method: string, body?: unknown, path?: string) => Promise<Response>
  /** Ends all pages; a test need not. */
  close: () => Promise<void>
  /** As pages reach it. */
  fetch: typeof globalThis.fetch
  /** All requests that reached the server. */
  requests: string[]
}

/** The real server and real pages' code in one process, in a time that passes only when asked to. */
export function openRoom(): Room {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
  const server = createFetchHandler()
  const requests: string[] = []
  const guests: Guest[] = []
  async function close(): Promise<void> {
    for (const { presence } of guests) presence.leave()
    await server.close()
    vi.useRealTimers()
  }
  onTestFinished(close)

  function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init)
    requests.push(`${request.method} ${new URL(request.url).pathname}`)
    return server.fetch(request)
  }

  return {
    requests,
    fetch,
    close,
    request(method, body, path = '/presence') {
      const headers = { 'content-type': 'application/json' }
      const init: RequestInit = { method, headers }
      if (body !== undefined) init.body = JSON.stringify(body)
      return fetch(`${ROOM}${path}`, init)
    },
    join(id, options, through = fetch) {
      const guest = joinRoom(id, through, options)
      guests.push(guest)
      return guest
    },
    async pass(ms) {
      const endMs = performance.now() + ms
      for (;;) {
        await settle()
        const leftMs = endMs - performance.now()
        if (leftMs <= 0) return
        await vi.advanceTimersByTimeAsync(Math.ceil(Math.min(leftMs, Math.max(25, ms / 2000))))
      }
    },
  }
}

/** Lets everything run that needs no time to pass. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function joinRoom(
  id: string,
  fetch: typeof globalThis.fetch,
  options: PresenceOptions = {},
): Guest {
  const listeners = new Map<string, Set<() => void>>()
  const posts: Guest['posts'] = []
  const cuts = new Set<() => void>()
  const page = { isHidden: false, isOnline: true, hasCrashed: false }

  /** Runs what a timer is for: never after a crash, at the next full minute while hidden. */
  function onTimer(run: () => void): () => void {
    let isHeld = false
    return () => {
      if (isHeld || page.hasCrashed) return
      if (!page.isHidden) return run()
      isHeld = true
      setTimeout(
        () => {
          isHeld = false
          if (!page.hasCrashed) run()
        },
        MINUTE_MS - (performance.now() % MINUTE_MS),
      )
    }
  }

  const world: World = {
    now: () => performance.now(),
    random: () => Math.random(),
    after(ms, run) {
      let isOff = false
      const timer = setTimeout(
        onTimer(() => isOff || run()),
        ms,
      )
      return () => {
        isOff = true
        clearTimeout(timer)
      }
    },
    every(ms, run) {
      let isOff = false
      const timer = setInterval(
        onTimer(() => isOff || run()),
        ms,
      )
      return () => {
        isOff = true
        clearInterval(timer)
      }
    },
    isHidden: () => page.isHidden,
    onPageEvents(types, listener, signal) {
      for (const type of types) {
        const all = listeners.get(type) ?? new Set()
        listeners.set(type, all.add(listener))
        signal.addEventListener('abort', () => all.delete(listener))
      }
    },
  }

  const throughNetwork: typeof globalThis.fetch = async (input, init) => {
    if (page.hasCrashed) return new Promise(() => {})
    if (appends(input, init)) {
      const { keepalive = false, body } = init!
      posts.push({ atMs: performance.now(), body: String(body), keepalive })
    }
    if (!page.isOnline) throw new TypeError('Failed to fetch')
    const response = await fetch(input, init)
    const body = response.body?.pipeThrough(
      new TransformStream({
        start(wire) {
          cuts.add(() => wire.error(new TypeError('network error')))
        },
      }),
    )
    return new Response(body ?? null, response)
  }

  const errors: StreamError[] = []
  const presence = createPresenceIn(
    world,
    { url: ROOM, fetch: throughNetwork },
    { id, name: id.toUpperCase() },
    { onError: (error) => errors.push(error), ...options },
  )
  const shown: string[] = []
  const fire = (type: string): void => {
    for (const listener of [...(listeners.get(type) ?? [])]) listener()
  }
  function cutAll(): void {
    for (const cut of cuts) cut()
    cuts.clear()
  }
  const { getSnapshot } = presence
  const idsOf = (): string[] => getSnapshot().people.map((person) => person.id)
  const unsubscribe = presence.subscribe(() => shown.push(idsOf().join()))

  return {
    presence,
    shown,
    errors,
    posts,
    unsubscribe,
    fire,
    names: () => getSnapshot().people.map(({ state }) => state.name),
    away: () =>
      getSnapshot()
        .people.filter(({ away }) => away)
        .map(({ state }) => state.name),
    hide(isHidden = true) {
      page.isHidden = isHidden
      fire('visibilitychange')
    },
    setOnline(isOnline, isNoticed = true) {
      page.isOnline = isOnline
      if (!isOnline) cutAll()
      else if (isNoticed) fire('online')
    },
    crash() {
      page.hasCrashed = true
      cutAll()
    },
  }
}
