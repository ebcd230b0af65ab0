import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { refuseMalformed } from '../../dev-server/http/node/malformed.ts'
import { connectTo, exchangeRaw, parseAnswers, readAll } from '../support/raw-http.ts'

/** A server that knows no HTTP and calls `meet` with each connection. */
async function startMeeting(meet: (socket: Socket) => void): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, meet)
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const failure = (code: string): Error => Object.assign(new Error('what the parser says'), { code })

it.each([
  ['HPE_INVALID_METHOD', 400, 'what the parser says'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'took too long'],
  ['HPE_HEADER_OVERFLOW', 431, 'too long'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413, 'too long'],
])(
  'what fails by %s is told with %s, and then the server hangs up',
  async (code, status, words) => {
    const url = await startMeeting((socket) => {
      socket.once('data', () => refuseMalformed(failure(code), socket, { 'x-common': 'yes' }))
    })
    const [answer] = parseAnswers(await exchangeRaw(url, 'x'))
    expect(answer).toMatchObject({ status, headers: { 'x-common': 'yes', connection: 'close' } })
    expect(answer!.body).toContain(words)
  },
)

it('a caller who goes on sending gets to see the refusal', async () => {
  const url = await startMeeting((socket) => {
    socket.once('data', () => refuseMalformed(failure('HPE_HEADER_OVERFLOW'), socket, {}))
  })
  const socket = await connectTo(url)
  const answer = readAll(socket)
  socket.write('x'.repeat(10 * 1024 * 1024))
  expect(parseAnswers(await answer)[0]!.status).toBe(431)
})

it('a connection that was reset gets no answer', async () => {
  let closed: Promise<unknown> | undefined
  const url = await startMeeting((socket) => {
    closed = once(socket, 'close')
    socket.once('data', () => refuseMalformed(failure('ECONNRESET'), socket, {}))
  })
  expect(await exchangeRaw(url, 'x')).toBe('')
  await closed
})
