import { describe, expect, it, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { allow, deny, tabulateAccess, type Action, type Authorize } from '../../dev-server/index.ts'
import { connectTo, exchangeRaw, parseAnswers, readAll } from '../support/raw-http.ts'
import { createStream, post, startServer } from '../support/server.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const CLOSED = { 'stream-closed': 'true' }

/** A server that remembers what its rules were asked. */
async function startAsked(
  verdict: Authorize = () => allow,
): Promise<{ url: string; asked: (send: (url: string) => Promise<unknown>) => Promise<string[]> }> {
  let questions: string[] = []
  const { url } = await startServer({
    longPollTimeoutMs: 10,
    sseLifetimeMs: 10,
    authorize(question) {
      questions.push(`${question.action} ${question.path}`)
      return verdict(question)
    },
  })
  return {
    url,
    async asked(send) {
      questions = []
      await send(url)
      return questions
    },
  }
}

const send =
  (method: string, path: string, init: RequestInit = {}) =>
  async (url: string): Promise<void> => {
    await (await fetch(`${url}/${path}`, { method, ...init })).text()
  }

describe('before each operation the rules are asked', () => {
  it.each<[string, (url: string) => Promise<void>, string[]]>([
    ['a creation', send('PUT', 'a/b%20c'), ['create a/b c']],
    ['a slash that separates nothing', send('PUT', 'a%2Fb'), ['create a%2Fb']],
    ['a creation that closes', send('PUT', 'a', { headers: CLOSED }), ['create a']],
    [
      'a fork',
      send('PUT', 'b', { headers: { 'stream-forked-from': '/v1/stream/a%20x' } }),
      ['create b', 'read a x'],
    ],
    ['a read', send('GET', 'a'), ['read a']],
    ['a HEAD', send('HEAD', 'a'), ['read a']],
    ['a long-poll', send('GET', 'a?offset=-1&live=long-poll'), ['read a']],
    ['a followed stream', send('GET', 'a?offset=-1&live=sse'), ['read a']],
    ['a read of the registry', send('GET', '__registry__'), ['read __registry__']],
    ['an append', send('POST', 'a', { headers: JSON_TYPE, body: '1' }), ['append a']],
    ['a close', send('POST', 'a', { headers: CLOSED }), ['close a']],
    [
      'an append that closes',
      send('POST', 'a', { headers: { ...JSON_TYPE, ...CLOSED }, body: '1' }),
      ['append a', 'close a'],
    ],
    [
      "a producer's append that closes",
      send('POST', 'a', {
        headers: {
          ...JSON_TYPE,
          ...CLOSED,
          'producer-id': 'p',
          'producer-epoch': '0',
          'producer-seq': '0',
        },
        body: '1',
      }),
      ['append a', 'close a'],
    ],
    ['a deletion', send('DELETE', 'a'), ['delete a']],
    ['a subscription', send('PUT', '__ds/subscriptions/s'), ['subscribe __ds/subscriptions/s']],
    ['a look at the public keys', send('GET', '__ds/jwks.json'), []],
    ["a worker's report, by its token", send('POST', '__ds/subscriptions/s/callback'), []],
    [
      'a claim of work',
      send('POST', '__ds/subscriptions/s/claim'),
      ['subscribe __ds/subscriptions/s/claim'],
    ],
    ['a preflight', send('OPTIONS', 'a'), []],
    ['a method that is none', send('PATCH', 'a'), []],
  ])('%s', async (_name, sent, questions) => {
    const { url, asked } = await startAsked()
    await createStream(url)
    expect(await asked(sent)).toEqual(questions)
  })

  it('a body of unknown length may be an append', async () => {
    const { url, asked } = await startAsked()
    await createStream(url)
    const chunked = `POST /v1/stream/a HTTP/1.1\r\nhost: a\r\nstream-closed: true\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n`
    expect(await asked(() => exchangeRaw(url, chunked))).toEqual(['append a', 'close a'])
  })

  it('and see the headers of the request, and its URL', async () => {
    const authorize = vi.fn<Authorize>(({ request }) =>
      request.headers.get('authorization') === 'Bearer x' ? allow : deny(401),
    )
    const { url } = await startServer({ authorize })
    const headers = { authorization: 'Bearer x' }
    expect((await fetch(`${url}/a`, { method: 'PUT', headers })).status).toBe(201)
    const refused = await fetch(`${url}/a?offset=-1`)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toBe('Bearer')
    expect(authorize.mock.lastCall![0].request.url).toBe(`${url}/a?offset=-1`)
  })

  it.each(['u:p@h', '', 'a b', '[::1'])('whatever the Host header says: "%s"', async (host) => {
    const onError = vi.fn<(error: unknown) => void>()
    const { url } = await startServer({ authorize: () => allow, onError })
    const get = `GET /v1/stream/a HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`
    expect(parseAnswers(await exchangeRaw(url, get))[0]!.status).toBe(404)
    expect(onError).not.toHaveBeenCalled()
  })
})

describe('a refusal', () => {
  it.each([
    [deny(), 403, 'forbidden'],
    [deny(401), 401, 'unauthorized'],
    [deny(404), 404, 'not-found'],
    [deny(403, 'Room 1 is full'), 403, 'Room 1 is full'],
    [{ allowed: false, status: 200, message: 'no' }, 403, 'no'],
    [{ allowed: 'yes' }, 403, 'forbidden'],
    [undefined, 403, 'forbidden'],
    [Promise.resolve(deny(404)), 404, 'not-found'],
  ])('%j is told in words, to pages of any origin', async (verdict, status, words) => {
    const { url } = await startServer({ authorize: () => verdict as ReturnType<Authorize> })
    for (const method of ['PUT', 'GET', 'POST', 'DELETE']) {
      const headers = { origin: 'https://a.example' }
      const answer = await fetch(`${url}/a`, { method, headers })
      expect(answer.status).toBe(status)
      expect(await answer.text()).toContain(words)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  it('changes nothing, and comes before the body', async () => {
    const { url } = await startAsked(({ action }) => (action === 'append' ? deny() : allow))
    const stream = await createStream(url, { body: '1' })
    const socket = await connectTo(url)
    socket.write('POST /v1/stream/a HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n')
    const answer = readAll(socket)
    await eventually(() => expect(socket.bytesRead).toBeGreaterThan(0))
    socket.destroy()
    expect(await answer).toMatch(/^HTTP\/1\.1 403 /)
    const both = { ...JSON_TYPE, ...CLOSED }
    expect((await post(stream, '2', both)).status).toBe(403)
    const read = await fetch(stream)
    expect(await read.json()).toEqual([1])
    expect(read.headers.get('stream-closed')).toBeNull()
  })

  it('to read the source keeps a fork from being made', async () => {
    const { url } = await startAsked(({ action }) => (action === 'read' ? deny() : allow))
    await createStream(url, { path: 'secret', body: '1' })
    const headers = { 'stream-forked-from': 'secret' }
    expect((await fetch(`${url}/mine`, { method: 'PUT', headers })).status).toBe(403)
    expect((await post(`${url}/mine`, '1')).status).toBe(404)
  })

  it('is what rules that fail mean, and the failure is reported', async () => {
    const onError = vi.fn<(error: unknown) => void>()
    const authorize = async (): Promise<never> => {
      throw new Error('The database of users is down')
    }
    const { url } = await startServer({ authorize, onError })
    const answer = await fetch(`${url}/a`, { method: 'PUT' })
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('database')
    expect(onError).toHaveBeenCalledWith(new Error('The database of users is down'))
  })

  it('survives a report that fails too', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const fail = (): never => {
      throw new Error('no')
    }
    const { url } = await startServer({ authorize: fail, onError: fail })
    expect((await fetch(`${url}/a`)).status).toBe(500)
    expect(warned).toHaveBeenCalled()
  })
})

describe('a table of access', () => {
  const rules: Authorize = async ({ action, path, request }) => {
    const user = request.headers.get('authorization')
    if (path.startsWith('__')) return user === 'admin' ? allow : deny(404)
    if (action === 'read') return allow
    return path === `rooms/${user}` ? allow : deny()
  }

  it('says who may do what where', async () => {
    const as = (user: string): Request =>
      new Request('http://a', { headers: { authorization: user } })
    const paths = ['rooms/alice', '__registry__']
    const requests = { alice: as('alice'), admin: as('admin'), anybody: new Request('http://a') }
    const all: Action[] = ['create', 'read', 'append', 'close', 'delete', 'subscribe']
    expect(await tabulateAccess(rules, { requests, paths })).toEqual({
      alice: { 'rooms/alice': all, __registry__: [] },
      admin: { 'rooms/alice': ['read'], __registry__: all },
      anybody: { 'rooms/alice': ['read'], __registry__: [] },
    })
  })

  it('fails where the rules do', async () => {
    const table = tabulateAccess(
      () => {
        throw new Error('no session')
      },
      { requests: { anybody: new Request('http://a') }, paths: ['a'] },
    )
    await expect(table).rejects.toThrow('no session')
  })
})
