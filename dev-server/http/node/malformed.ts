import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { afterAllOn } from './turns.ts'
import type { Answer } from '../answer.ts'
import { errorAnswer } from '../error-answer.ts'

/** How long a refused caller may take to hang up. */
const LINGER_MS = 2_000

/**
 * Answers what is no HTTP request, after what came before it on the connection, and hangs up.
 *
 * @param common headers of every answer
 */
export function refuseMalformed(
  error: NodeJS.ErrnoException,
  socket: Socket,
  common: Readonly<Record<string, string>>,
): void {
  if (error.code === 'ECONNRESET') socket.destroy()
  else refuseOn(socket, malformedAnswer(error), common)
}

/** Answers what is no request to be handled, after what came before it, and hangs up. */
export function refuseOn(
  socket: Socket,
  answer: Answer,
  common: Readonly<Record<string, string>>,
): void {
  // The parser would complain about each packet that follows.
  socket.removeAllListeners('data').resume()
  if (!socket.writable) return void socket.destroy()
  afterAllOn(
    socket,
    () => hangUp(socket, answer, common),
    () => void socket.destroy(),
  )
}

function hangUp(socket: Socket, answer: Answer, common: Readonly<Record<string, string>>): void {
  if (!socket.writable) return void socket.destroy()
  const patience = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.on('close', () => clearTimeout(patience))
  socket.end(rawAnswer(answer, common))
}

function malformedAnswer({ code, message }: NodeJS.ErrnoException): Answer {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return errorAnswer(431, 'too-large', 'The request line and headers are too long: send less')
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return errorAnswer(413, 'too-large', 'The chunk extensions are too long: send none')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return errorAnswer(408, 'timeout', 'The request took too long to arrive: send it again')
    default:
      return errorAnswer(400, 'bad-request', `This is no HTTP request: ${message}`)
  }
}

function rawAnswer(
  { status, headers, body }: Answer,
  common: Readonly<Record<string, string>>,
): string {
  const text = String(body)
  const lines = Object.entries({ ...common, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...lines,
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
    '',
    text,
  ].join('\r\n')
}
