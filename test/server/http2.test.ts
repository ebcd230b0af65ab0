import { once } from 'node:events'
import { connect, createServer, type ClientHttp2Session } from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { allow, createNodeHandler, deny, type HandlerOptions } from '../../dev-server/index.ts'

/** The handler in an HTTP/2 server, as Vite has one when it serves HTTPS. */
async function openSession(options: HandlerOptions = {}): Promise<ClientHttp2Session> {
  const handler = createNodeHandler(options)
  const server = createServer((req, res) => {
    void handler.handle(req as unknown as IncomingMessage, res as unknown as ServerResponse)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(async () => {
    session.destroy()
    server.close()
    await handler.close()
  })
  return session
}

async function ask(
  session: ClientHttp2Session,
  method: string,
  query = '',
  body = '',
): Promise<{ status: number; text: string }> {
  const headers = {
    ':method': method,
    ':path': `/v1/stream/a${query}`,
    'content-type': 'application/json',
  }
  const request = session.request(headers, { endStream: body === '' })
  const answered = once(request, 'response')
  if (body !== '') request.end(body)
  const [answer] = (await answered) as [Record<string, number>]
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (query.includes('sse')) break
  }
  return { status: answer[':status']!, text }
}

it('serves everything over HTTP/2 as well', async () => {
  const session = await openSession()
  expect((await ask(session, 'PUT', '', '[1]')).status).toBe(201)
  expect((await ask(session, 'POST', '', '2')).status).toBe(204)
  expect(await ask(session, 'GET', '?offset=-1')).toEqual({ status: 200, text: '[1,\n2]' })
  expect((await ask(session, 'GET', '?offset=-1&live=sse')).text).toContain('data:[1,\ndata:2]')
  const poll = ask(session, 'GET', '?offset=now&live=long-poll')
  await ask(session, 'HEAD')
  await ask(session, 'POST', '', '3')
  expect((await poll).text).toBe('[3]')
  expect((await ask(session, 'DELETE')).status).toBe(204)
  expect((await ask(session, 'GET')).status).toBe(404)
})

it('refuses a body that is too long, and goes on with the session', async () => {
  const session = await openSession({ maxBodyBytes: 1000 })
  await ask(session, 'PUT')
  for (const length of [1001, 100_000, 1_000_000]) {
    const { status, text } = await ask(session, 'POST', '', 'x'.repeat(length))
    expect(status).toBe(413)
    expect(text).toContain('longer than 1000 bytes')
  }
  expect(await ask(session, 'GET', '?offset=-1')).toEqual({ status: 200, text: '[]' })
})

it('asks the rules of access with a request like any other', async () => {
  const session = await openSession({
    authorize: ({ request }) => (request.url.endsWith('/v1/stream/a') ? allow : deny(404)),
  })
  expect((await ask(session, 'PUT')).status).toBe(201)
  expect((await ask(session, 'GET', '?offset=-1')).status).toBe(404)
})
