import type { ServerResponse } from 'node:http'
import { isBare, type Answer, type Live } from '../answer.ts'
import { endSoon } from './end-soon.ts'
import type { LiveResponse } from '../live-response.ts'

type Headers = Readonly<Record<string, string>>

/**
 * Writes `answer`, with `common` headers below its own, unless an answer has begun.
 *
 * @returns a promise for the end of a body that grows; nothing for any other.
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
  head.push('content-length', String(lengthOf(body)))
  res.writeHead(status, head)
  if (typeof body === 'string') res.end(body)
  else writeParts(res, body)
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

function writeParts(res: ServerResponse, parts: readonly Uint8Array[]): void {
  for (const part of parts) res.write(part)
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
