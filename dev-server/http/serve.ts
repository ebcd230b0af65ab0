import { StreamError } from '../../src/core/errors.ts'
import { MULTIPLEX_PATH } from '../../src/core/protocol.ts'
import { catchUp } from './catch-up.ts'
import { METHODS, preflightHeaders } from './cors.ts'
import { busyAnswer, errorAnswer } from './error-answer.ts'
import { failureAnswer } from './failure.ts'
import { longPoll } from './long-poll.ts'
import { serveMultiplexed } from './multiplex.ts'
import { parseRead, type Read } from './parse-read.ts'
import { parseTarget, type Target } from './parse-target.ts'
import { refusal } from './refusal.ts'
import { RESERVED_SEGMENT } from './reserved.ts'
import { describeAnswer } from './respond.ts'
import { serveEvents } from './sse.ts'
import { post, put, remove } from './write.ts'
import type { Answer, LaterAnswer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'

/**
 * Answers one request; never rejects.
 *
 * @returns nothing if the caller is gone.
 */
export async function serve(
  house: House,
  exchange: Exchange,
): Promise<Answer | LaterAnswer | undefined> {
  try {
    const target = parseTarget(exchange.url, house.prefix)
    if (!target) return errorAnswer(404, 'not-found', `Streams live below ${house.prefix}/`)
    return await route(house, exchange, target)
  } catch (error) {
    if (error instanceof StreamError && error.code === 'disconnected') return undefined
    return failureAnswer(house, error)
  }
}

function route(
  house: House,
  exchange: Exchange,
  target: Target,
): Answer | Promise<Answer | LaterAnswer> {
  const { method, headers } = exchange
  if (method === 'OPTIONS') return { status: 204, headers: preflightHeaders(house.cors, headers) }
  const tooMany = house.rateLimit?.(exchange)
  if (tooMany) return tooMany
  if (target.path === MULTIPLEX_PATH) return serveMultiplexed(house, exchange)
  if (isReserved(target.path)) return reserved(house, exchange, target)
  switch (method) {
    case 'GET':
      return get(house, exchange, target)
    case 'HEAD':
      return head(house, exchange, target)
    case 'PUT':
      return put(house, exchange, target.path)
    case 'POST':
      return post(house, exchange, target.path)
    case 'DELETE':
      return remove(house, exchange, target.path)
    default:
      return errorAnswer(405, 'bad-request', `${method} is not one of ${METHODS}`, {
        allow: METHODS,
      })
  }
}

function get(house: House, exchange: Exchange, target: Target): Promise<Answer | LaterAnswer> {
  const read = parseRead(new URLSearchParams(target.search))
  return house.authorize
    ? getIfAllowed(house, exchange, target.path, read)
    : getNow(house, exchange, target.path, read)
}

async function getIfAllowed(
  house: House,
  exchange: Exchange,
  path: string,
  read: Read,
): Promise<Answer | LaterAnswer> {
  const refused = await refusal(house, exchange, path, ['read'])
  return refused ?? getNow(house, exchange, path, read)
}

function getNow(
  house: House,
  exchange: Exchange,
  path: string,
  read: Read,
): Promise<Answer | LaterAnswer> {
  if (read.live === 'no') return catchUp(house, path, read, exchange.headers)
  if (house.hub.size >= house.maxLiveReaders)
    return Promise.resolve(busyAnswer(house.maxLiveReaders))
  return read.live === 'sse'
    ? serveEvents(house, path, read)
    : longPoll(house, path, read, exchange)
}

async function head(house: House, exchange: Exchange, { path }: Target): Promise<Answer> {
  const refused = await refusal(house, exchange, path, ['read'])
  return refused ?? describeAnswer(await house.streams.describe(path), path)
}

async function reserved(house: House, exchange: Exchange, { path }: Target): Promise<Answer> {
  if (!house.reserved?.authorizesItself(path)) {
    const refused = await refusal(house, exchange, path, ['subscribe'])
    if (refused) return refused
  }
  if (house.reserved) return house.reserved.handle(exchange, path)
  return errorAnswer(501, 'unsupported', 'This server has no subscriptions: __ds is reserved')
}

function isReserved(path: string): boolean {
  return path === RESERVED_SEGMENT || path.startsWith(`${RESERVED_SEGMENT}/`)
}
