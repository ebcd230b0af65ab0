import { once } from 'node:events'
import type { ClientHttp2Session } from 'node:http2'
import { expect, it } from 'vitest'
import { allow, deny } from '../../dev-server/index.ts'
import { openHttp2Session } from '../support/http2-session.ts'

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
  const session = await openHttp2Session()
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
  const session = await openHttp2Session({ maxBodyBytes: 1000 })
  await ask(session, 'PUT')
  for (const length of [1001, 100_000, 1_000_000]) {
    const { status, text } = await ask(session, 'POST', '', 'x'.repeat(length))
    expect(status).toBe(413)
    expect(text).toContain('longer than 1000 bytes')
  }
  expect(await ask(session, 'GET', '?offset=-1')).toEqual({ status: 200, text: '[]' })
})

it('asks the rules of access with a request like any other', async () => {
  const session = await openHttp2Session({
    authorize: ({ request }) => (request.url.endsWith('/v1/stream/a') ? allow : deny(404)),
  })
  expect((await ask(session, 'PUT')).status).toBe(201)
  expect((await ask(session, 'GET', '?offset=-1')).status).toBe(404)
})
