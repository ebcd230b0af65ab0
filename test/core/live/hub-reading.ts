import { onTestFinished } from 'vitest'
import { createHubs } from '../../../src/core/live/hubs.ts'
import type { LiveFetch } from '../../../src/core/live/live-fetch.ts'
import { createSseReader } from '../../support/sse-messages.ts'
import { createHubServer, type HubServer, urlOf } from './hub-server.ts'

/** What a reader of one stream got. */
export interface Reading {
  status: number
  /** What the answer says when it is a refusal. */
  text: string
  items: unknown[]
  /** Where the reader stands, and whether it was told that this is all. */
  offset: string
  upToDate: boolean
  /** How the body ended, once it has. */
  ended: 'cleanly' | 'broken' | undefined
  leave(reason?: unknown): void
  /** Reads the body to its end. */
  read(): Promise<void>
}

interface AskOptions {
  headers?: Record<string, string>
  query?: string
  multiplex?: string | null
  /** Whether its body is read at once. */
  reads?: boolean
}

export interface Desk {
  server: HubServer
  live: LiveFetch
  /** Asks for a stream live, as a client does that has caught up to `offset`. */
  ask(path: string, offset: string, options?: AskOptions): Promise<Reading>
}

/** A client's hubs, in front of a server in memory. */
export function openDesk(isLimited = false): Desk {
  const server = createHubServer()
  const alone: LiveFetch = ({ target, init, send }) => send(target, init)
  const live = createHubs(alone, () => isLimited)
  return {
    server,
    live,
    async ask(path, offset, options = {}) {
      const { headers = {}, query = '', multiplex = urlOf('__ds/live'), reads = true } = options
      const controller = new AbortController()
      onTestFinished(() => controller.abort())
      const response = await live({
        target: new URL(`${urlOf(path)}?offset=${offset}&live=sse${query}`),
        init: { method: 'GET', headers: new Headers(headers), signal: controller.signal },
        send: server.fetch,
        multiplex,
      })
      const reading = await begin(response, offset, (reason) => controller.abort(reason))
      if (reads && response.ok) void reading.read()
      return reading
    },
  }
}

async function begin(
  response: Response,
  offset: string,
  leave: Reading['leave'],
): Promise<Reading> {
  const { status, ok } = response
  const reading: Reading = {
    status,
    text: ok ? '' : await response.text(),
    items: [],
    offset,
    upToDate: false,
    ended: undefined,
    leave,
    read: () => readAll(response, reading),
  }
  return reading
}

async function readAll(response: Response, reading: Reading): Promise<void> {
  const parse = createSseReader()
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body!) {
      for (const { event, data } of parse(decoder.decode(chunk, { stream: true }))) {
        if (event === 'data') reading.items.push(...(JSON.parse(data) as unknown[]))
        if (event !== 'control') continue
        const control = JSON.parse(data) as { streamNextOffset: string; upToDate?: boolean }
        reading.offset = control.streamNextOffset
        reading.upToDate = control.upToDate === true
      }
    }
    reading.ended = 'cleanly'
  } catch {
    reading.ended = 'broken'
  }
}
