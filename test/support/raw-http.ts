import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

/** A connection to the server at `url`, for what no client would send. */
export async function connectTo(url: string): Promise<Socket> {
  const socket = connect({
    port: Number(new URL(url).port),
    host: '127.0.0.1',
    allowHalfOpen: true,
  })
  await once(socket, 'connect')
  return socket
}

/** All that the server sends until it hangs up; what came before, if it resets the connection. */
export function readAll(socket: Socket): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('end', () => socket.destroy())
    socket.on('close', () => resolve(text))
  })
}

/** Sends raw bytes, and gives all that comes back until the server hangs up: say `connection: close`. */
export async function exchangeRaw(url: string, request: string): Promise<string> {
  const socket = await connectTo(url)
  const answer = readAll(socket)
  socket.write(request, 'latin1')
  return answer
}

export interface RawAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/** The answers in what a server sent, one after the other; the last may be cut off. */
export function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = []
  while (text !== '') {
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) throw new Error(`This is no answer: ${text.slice(0, 200)}`)
    const answer = parseHead(text.slice(0, end))
    text = text.slice(end + 4)
    if (answer.status === 100) continue
    const { body, rest } = takeBody(answer, text)
    answers.push({ ...answer, body })
    text = rest
  }
  return answers
}

function parseHead(head: string): RawAnswer {
  const [line = '', ...lines] = head.split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1])
  if (!status) throw new Error(`This is no status line: ${line.slice(0, 200)}`)
  const headers: Record<string, string> = {}
  for (const one of lines) {
    const colon = one.indexOf(':')
    headers[one.slice(0, colon).toLowerCase()] = one.slice(colon + 1).trim()
  }
  return { status, headers, body: '' }
}

function takeBody({ status, headers }: RawAnswer, text: string): { body: string; rest: string } {
  if (headers['transfer-encoding'] === 'chunked') return takeChunks(text)
  const isBare = status === 204 || status === 304
  const length = isBare ? 0 : Number(headers['content-length'] ?? 0)
  return { body: text.slice(0, length), rest: text.slice(length) }
}

function takeChunks(text: string): { body: string; rest: string } {
  let body = ''
  for (;;) {
    const end = text.indexOf('\r\n')
    const length = Number.parseInt(text.slice(0, end), 16)
    const start = end + 2
    if (end < 0 || Number.isNaN(length)) return { body, rest: '' }
    body += text.slice(start, start + length)
    text = text.slice(start + length + 2)
    if (length === 0) return { body, rest: text }
  }
}
