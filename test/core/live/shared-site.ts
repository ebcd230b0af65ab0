import { onTestFinished, vi } from 'vitest'
import { createFetchHandler, type FetchHandlerOptions } from '../../../dev-server/fetch.ts'
import { createEndpoint, type EndpointOptions } from '../../../src/core/endpoint.ts'
import { follow } from '../../../src/core/follow.ts'
import { setLiveFetch } from '../../../src/core/live.ts'
import { createHubs } from '../../../src/core/live/hubs.ts'
import type { LiveFetch } from '../../../src/core/live/live-fetch.ts'
import { createTabs } from '../../../src/core/live/tabs/create-tabs.ts'
import type { TabsEnvironment } from '../../../src/core/live/tabs/environment.ts'
import { createTurns } from '../../../src/core/live/turns.ts'
import {
  currentTab,
  outside,
  simulateBrowser,
  type SimulatedBrowser,
  type SimulatedTab,
} from './simulated-browser.ts'

const ROOT = 'http://site.test/v1/stream'

const NETWORK_MS = 5

/** What one reader of a stream got, and when. */
export interface Reading {
  items: unknown[]
  times: number[]
  statuses: string[]
  error: unknown
  leave(): void
  /** Takes nothing more, until it goes on. */
  pause(): void
  resume(): void
}

export interface Tab extends SimulatedTab {
  read(path: string, options?: Partial<EndpointOptions>): Reading
}

/** One live request at the server that was not ended yet. */
export interface OpenRequest {
  tab: SimulatedTab
  method: string
  url: string
}

/** A server of ours, and tabs of one browser that read its streams. */
export interface SharedSite {
  browser: SimulatedBrowser
  openTab(host?: (its: TabsEnvironment) => TabsEnvironment): Tab
  /** Live requests under way. */
  open: ReadonlySet<OpenRequest>
  /** All live requests so far. */
  asked: readonly OpenRequest[]
  create(...paths: string[]): Promise<void>
  append(path: string, ...items: unknown[]): Promise<void>
  pass(ms: number): Promise<void>
  /** Tabs whose network is away. */
  offline: Set<SimulatedTab>
  /** Answers in place of the server. */
  answer: ((request: Request) => Response | undefined) | undefined
  /** Ends it before its test does. */
  end(): Promise<void>
}

export function openSite(options: FetchHandlerOptions = {}): SharedSite {
  const open = new Set<OpenRequest>()
  const asked: OpenRequest[] = []
  const lives = new WeakMap<SimulatedTab, LiveFetch>()
  const browser = simulateBrowser(connect)
  const handler = createFetchHandler(options)
  const tabs: SimulatedTab[] = []
  const end = async (): Promise<void> => {
    for (const tab of tabs.splice(0)) tab.crash()
    await Promise.all([handler.close(), vi.advanceTimersByTimeAsync(1000)])
  }
  onTestFinished(end)
  setLiveFetch((request) => lives.get(currentTab()!)!(request))

  const write = async (method: string, path: string, body?: string): Promise<void> => {
    const headers = { 'content-type': 'application/json' }
    const request = new Request(`${ROOT}/${path}`, { method, headers, body: body ?? null })
    const response = await handler.fetch(request)
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`)
  }
  const site: SharedSite = {
    browser,
    open,
    asked,
    offline: new Set(),
    answer: undefined,
    end,
    openTab(host = (its) => its) {
      const tab = browser.openTab()
      const isLimited = (): boolean => true
      const local = createHubs(createTurns(isLimited), isLimited)
      lives.set(
        tab,
        tab.run(() => createTabs(host(tab.environment), local)),
      )
      tabs.push(tab)
      return Object.assign(tab, { read: (path: string, its = {}) => read(tab, path, its) })
    },
    async create(...paths) {
      for (const path of paths) await write('PUT', path)
    },
    append: (path, ...items) => write('POST', path, JSON.stringify(items)),
    pass: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)),
  }
  return site

  /** The network of a tab: each thing that comes by it is a task of that tab. */
  function connect(tab: SimulatedTab): typeof fetch {
    return (input, init) =>
      new Promise((resolve, reject) => {
        const left = new AbortController()
        const request = new Request(input as URL, { ...init, signal: left.signal })
        const entry: OpenRequest = { tab, method: request.method, url: request.url }
        let body: ReadableStreamDefaultController<Uint8Array> | undefined
        const end = (reason: unknown): void => {
          open.delete(entry)
          left.abort()
          reject(reason)
          body?.error(reason)
          body = undefined
        }
        const later = (act: () => void): unknown => setTimeout(() => tab.task(act), NETWORK_MS)
        const cut = (): void => end(new TypeError('network error'))
        init?.signal?.addEventListener('abort', () => end(init.signal!.reason))
        tab.onEnd.push(() => end(1))
        if (request.method === 'POST' || request.url.includes('live=')) {
          asked.push(entry)
          open.add(entry)
        }
        void outside(async () => {
          try {
            if (site.offline.has(tab)) throw new TypeError('network error')
            const response = site.answer?.(request.clone()) ?? (await handler.fetch(request))
            const stream = new ReadableStream<Uint8Array>({
              start: (controller) => void (body = controller),
              cancel: end,
            })
            const { status, headers } = response
            later(() => resolve(new Response(response.body && stream, { status, headers })))
            const reader = response.body?.getReader()
            for (let got = await reader?.read(); got?.value; got = await reader?.read()) {
              const { value } = got
              later(() => (site.offline.has(tab) ? cut() : body?.enqueue(value)))
            }
            later(() => {
              open.delete(entry)
              body?.close()
              body = undefined
            })
          } catch {
            later(cut)
          }
        })
      })
  }
}

function read(tab: SimulatedTab, path: string, options: Partial<EndpointOptions>): Reading {
  const left = new AbortController()
  let pause: Promise<void> | undefined
  let resume: () => void
  const reading: Reading = {
    items: [],
    times: [],
    statuses: [],
    error: undefined,
    leave: () => tab.run(() => left.abort()),
    pause: () => void (pause = new Promise((resolve) => (resume = resolve))),
    resume: () => resume(),
  }
  // A tab that opens without a network waits for it.
  const backoff = { maxAttempts: Infinity, maxDelayMs: 1000 }
  const onStatus = ({ kind }: { kind: string }): void => void reading.statuses.push(kind)
  void tab.run(async () => {
    const { send } = tab.environment
    const endpoint = createEndpoint({ url: `${ROOT}/${path}`, fetch: send, ...options })
    try {
      for await (const { parts } of follow(endpoint, { onStatus, backoff }, left.signal)) {
        await pause
        for (const part of parts) {
          const items = JSON.parse(typeof part === 'string' ? part : decode(part)) as unknown[]
          reading.items.push(...items)
          reading.times.push(...items.map(() => Date.now()))
        }
      }
    } catch (error) {
      reading.error = error
    }
  })
  return reading
}

function decode(part: Uint8Array): string {
  return new TextDecoder().decode(part)
}
