import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { isBare, type Answer, type Live } from '../answer.ts'
import { endedSoFar, endSoon } from './end-soon.ts'
import type { LiveResponse } from '../live-response.ts'

/** A body up to that length is written at once, with its head. */
const ONE_WRITE_BYTES = 64 * 1024

/** While others are served, a longer body takes a pause after each slice: it then gets a gigabit line. */
const SLICE_BYTES = 128 * 1024
const PAUSE_MS = 1

type Headers = Readonly<Record<string, string>>

/**
 * Writes `answer`, with `common` headers below its own, unless an answer has begun.
 *
 * @returns a promise for the end of a body that is long or grows; nothing for any other.
 */
export function writeAnswer(
  res: ServerResponse,
  { status, headers, body = '' }: Answer,
  common: Headers,
): Promise<void> | undefined {
  if (res.headersSent || res.destroyed) return undefined
  const head = headList(common, headers)
  if (typeof body === 'function') {
    res.writeHead(status, head)
    return writeLive(res, body)
  }
  if (isBare(status, res.req.method ?? 'GET')) {
    res.writeHead(status, head)
    endSoon(res)
    return undefined
  }
  const length = lengthOf(body)
  head.push('content-length', String(length))
  res.writeHead(status, head)
  if (typeof body === 'string') endSoon(res, body, 'utf8')
  else if (length > ONE_WRITE_BYTES) return writeLong(res, body)
  else endSoon(res, joined(body), 'latin1')
  return undefined
}

/** The few sets of common headers there are, as {@link headList} begins. */
const commonLists = new WeakMap<Headers, readonly string[]>()

/** Names and values in turn: what Node writes fastest. */
function headList(common: Headers, own: Headers = {}): string[] {
  const list = commonList(common).slice()
  for (const name in own) {
    if (name in common) list[list.indexOf(name) + 1] = own[name]!
    else list.push(name, own[name]!)
  }
  return list
}

function commonList(common: Headers): readonly string[] {
  let list = commonLists.get(common)
  if (!list) {
    list = Object.entries(common).flat()
    commonLists.set(common, list)
  }
  return list
}

function lengthOf(body: string | readonly Uint8Array[]): number {
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body.reduce((length, part) => length + part.length, 0)
}

/** The bytes as text of one byte per character: Node joins it with the head, for a single write. */
function joined(parts: readonly Uint8Array[]): string {
  let text = ''
  for (const { buffer, byteOffset, byteLength } of parts) {
    text += Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
  }
  return text
}

let seenEnded = 0

/** Whether others were served since a long body was last written. */
function othersAreServed(): boolean {
  const before = seenEnded
  seenEnded = endedSoFar()
  return seenEnded !== before
}

/** A long body goes out at once while nobody else asks, or else slice by slice, after the others. */
async function writeLong(res: ServerResponse, parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) {
    for (let at = 0; at < part.length && !res.destroyed; ) {
      const isBusy = othersAreServed()
      const end = isBusy ? at + SLICE_BYTES : part.length
      res.write(part.subarray(at, end))
      at = end
      if (isBusy) await delay(PAUSE_MS)
    }
  }
  res.end()
}

async function writeLive(res: ServerResponse, write: Live): Promise<void> {
  const response = new NodeLiveResponse(res)
  await write(response)
  // A socket that takes nothing more is not waited for.
  if (response.full) res.destroy()
  else res.end()
}

class NodeLiveResponse implements LiveResponse {
  readonly #res: ServerResponse
  #listener: (() => void) | undefined
  gone: boolean
  full = false

  constructor(res: ServerResponse) {
    this.#res = res
    this.gone = res.destroyed
    res.on('close', () => {
      this.gone = true
      this.#listener?.()
    })
    res.on('drain', () => {
      this.full = false
      this.#listener?.()
    })
  }

  onChange(listener: () => void): void {
    this.#listener = listener
  }

  write(bytes: Uint8Array): void {
    this.full = !this.#res.write(bytes)
  }
}
