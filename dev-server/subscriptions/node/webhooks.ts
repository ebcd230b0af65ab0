import { lookup } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { notPublic, parseTarget, type Target } from './target.ts'
import type { Delivery, DeliveryAnswer, Webhooks } from '../delivery.ts'

const MAX_ANSWER_BYTES = 64 * 1024

/** Addresses of a name. */
export type Resolve = (name: string) => Promise<readonly string[]>

export interface NodeWebhooksOptions {
  /** Allow webhooks on this very machine, by http too: in development. Default `false`. */
  allowLocal?: boolean
  /** Looks names up. Default: as the system does. */
  resolve?: Resolve
}

/**
 * Calls webhooks from Node. Every address that a name stands for must be a public one, and one of
 * those that were checked is connected to; redirects are not followed.
 */
export function nodeWebhooks(options: NodeWebhooksOptions = {}): Webhooks {
  const { allowLocal = false, resolve = resolveBySystem } = options

  return {
    async check(text) {
      const target = parseTarget(text, allowLocal)
      const addresses = await addressesOf(target, resolve).catch(() => [])
      if (!addresses.every(target.mayConnect)) throw notPublic()
    },
    async deliver(text, delivery) {
      const target = parseTarget(text, allowLocal)
      const addresses = await unlessAborted(addressesOf(target, resolve), delivery.signal)
      if (!addresses.every(target.mayConnect)) throw notPublic()
      return post(target.url, addresses, delivery)
    },
  }
}

async function resolveBySystem(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}

/** No addresses for a URL that has one, which is checked already. */
async function addressesOf({ name }: Target, resolve: Resolve): Promise<readonly string[]> {
  if (name === undefined) return []
  const addresses = await resolve(name)
  if (addresses.length > 0) return addresses
  throw new Error(`${name} has no address`)
}

function post(
  url: URL,
  addresses: readonly string[],
  { headers, body, signal }: Delivery,
): Promise<DeliveryAnswer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  const length = { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void =>
      reject(new Error(`could not be reached: ${cause.code ?? cause.message}`, { cause }))
    // No agent: a connection that is kept would outlive the check of its address.
    request(
      url,
      {
        method: 'POST',
        agent: false,
        headers: { 'user-agent': 'streamwell', ...headers, ...length },
        lookup: only(addresses),
        signal,
      },
      (response) => readAnswer(response).then(resolve, reject),
    )
      .on('error', fail)
      .end(body)
  })
}

/** Whatever is asked for, these are the addresses. */
function only(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_name, { all }, callback) => {
    if (all) callback(null, entries)
    else callback(null, entries[0]!.address, entries[0]!.family)
  }
}

async function readAnswer(response: IncomingMessage): Promise<DeliveryAnswer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length
    if (length > MAX_ANSWER_BYTES) throw new Error(`answered more than ${MAX_ANSWER_BYTES} bytes`)
    parts.push(part)
  }
  return { status: response.statusCode!, body: Buffer.concat(parts).toString() }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('given up'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    const settle = (): void => signal.removeEventListener('abort', abort)
    promise.finally(settle).then(resolve, reject)
  })
}
