import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { StreamError } from '../../src/core/errors.ts'
import { decideAppend } from '../operations/append.ts'
import { decideCreate } from '../operations/create.ts'
import { decideDelete } from '../operations/delete.ts'
import { findStream } from '../operations/read.ts'
import { SECURITY_HEADERS, writeAnswer, type Answer } from './answer.ts'
import { readBody } from './body.ts'
import { catchUp } from './catch-up.ts'
import { METHODS, corsHeaders, preflightHeaders } from './cors.ts'
import { errorAnswer, expectedErrorAnswer } from './error-answer.ts'
import { longPoll } from './long-poll.ts'
import { parseAppend } from './parse-append.ts'
import { parseCreate } from './parse-create.ts'
import { parseRead } from './parse-read.ts'
import { parseTarget, type Target } from './parse-target.ts'
import { appendAnswer, createAnswer, deleteAnswer, describeAnswer } from './respond.ts'
import { serveEvents } from './sse.ts'
import type { House } from './house.ts'
import type { RequestHeaders } from './parse-headers.ts'

/** First path segment of the reserved API. Protocol section 9. */
const RESERVED_SEGMENT = '__ds'

interface Exchange {
  req: IncomingMessage
  res: ServerResponse
  headers: RequestHeaders
  target: Target
  /** Headers of every answer. */
  common: Readonly<Record<string, string>>
}

/**
 * Answers one request; resolves when the answer is written or handed to the socket. Never rejects.
 *
 * @param next is called instead for a request that is not below the house's prefix.
 */
export async function serve(
  house: House,
  req: IncomingMessage,
  res: ServerResponse,
  next?: () => void,
): Promise<void> {
  const headers = req.headers as RequestHeaders
  const common = { ...SECURITY_HEADERS, ...corsHeaders(house.cors, headers) }
  try {
    const target = parseTarget(req.url ?? '/', house.prefix)
    if (!target && next) return next()
    const answer = target
      ? await route(house, { req, res, headers, target, common })
      : errorAnswer(404, 'not-found', `Streams live below ${house.prefix}/`)
    if (answer) writeAnswer(res, answer, common)
  } catch (error) {
    if (isGone(error)) return void res.destroy()
    writeAnswer(res, expectedErrorAnswer(error) ?? unexpected(house, error), common)
    if (!res.writableEnded) res.destroy()
  }
}

async function route(house: House, exchange: Exchange): Promise<Answer | undefined> {
  const { req, headers, target } = exchange
  if (req.method === 'OPTIONS') {
    return { status: 204, headers: preflightHeaders(house.cors, headers) }
  }
  if (target.path.split('/', 1)[0] === RESERVED_SEGMENT) {
    return errorAnswer(501, 'unsupported', 'This server has no subscriptions: __ds is reserved')
  }
  switch (req.method) {
    case 'GET':
      return get(house, exchange)
    case 'HEAD':
      return describeAnswer(await findStream(house.storage, target.path, house.now()), target.path)
    case 'PUT':
      return put(house, exchange)
    case 'POST':
      return post(house, exchange)
    case 'DELETE':
      return deleteAnswer(
        await house.storage.update(target.path, (record) => decideDelete(record, house.now())),
        target.path,
      )
    default:
      return errorAnswer(405, 'bad-request', `${req.method} is not one of ${METHODS}`, {
        allow: METHODS,
      })
  }
}

async function get(house: House, exchange: Exchange): Promise<Answer | undefined> {
  const { res, headers, target, common } = exchange
  const read = parseRead(target.query)
  switch (read.live) {
    case 'no':
      return catchUp(house, target.path, read, headers)
    case 'long-poll':
      return longPoll(house, target.path, read, res)
    case 'sse':
      return serveEvents(house, target.path, read, res, common)
    default:
      return read.live satisfies never
  }
}

async function put(house: House, { req, headers, target }: Exchange): Promise<Answer> {
  const body = await readBody(req, house.maxBodyBytes)
  const now = house.now()
  const command = { ...parseCreate(headers, body, now), id: randomBytes(9).toString('base64url') }
  const outcome = await house.storage.update(target.path, (record) =>
    decideCreate(record, command, now),
  )
  return createAnswer(outcome, locationOf(house, req, target))
}

async function post(house: House, { req, headers, target }: Exchange): Promise<Answer> {
  const body = await readBody(req, house.maxBodyBytes)
  const command = parseAppend(headers, body)
  const now = house.now()
  const outcome = await house.storage.update(
    target.path,
    (record, producer) => decideAppend(record, producer, command, now),
    command.producer && { producer: command.producer.id },
  )
  return appendAnswer(outcome, target.path)
}

/** The stream's URL as this caller sees it; the path alone if it did not say whom it asks. */
function locationOf(
  { prefix }: House,
  { headers, socket }: IncomingMessage,
  { path }: Target,
): string {
  const host = headers.host ?? headers[':authority']
  const scheme = 'encrypted' in socket ? 'https' : 'http'
  return `${host === undefined ? '' : `${scheme}://${String(host)}`}${prefix}/${path}`
}

function isGone(error: unknown): boolean {
  return error instanceof StreamError && error.code === 'disconnected'
}

function unexpected(house: House, error: unknown): Answer {
  house.onError(error)
  return errorAnswer(500, 'unavailable', 'The server failed on this request; it has been reported')
}
