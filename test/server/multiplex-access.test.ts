import { expect, it, onTestFinished, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { allow, createFetchHandler, deny, type AuthorizeQuestion } from '../../dev-server/index.ts'
import { answerTo, openMultiplexed } from '../support/multiplexed.ts'
import { createStream, post, startServer } from '../support/server.ts'

it('the rules are asked about each stream as for a read of it alone', async () => {
  const questions: AuthorizeQuestion[] = []
  const { url } = await startServer({
    authorize(question) {
      if (question.action !== 'create') questions.push(question)
      return allow
    },
  })
  await createStream(url, { path: 'rooms/a%20b', body: '1' })
  const headers = { authorization: 'Bearer me', 'x-user': 'u', accept: 'text/event-stream' }
  const query = '?token=t%2B&offset=1&live=no'
  const read = await openMultiplexed(
    url,
    [
      { path: 'rooms/a b', offset: '-1' },
      { path: '__registry__', offset: 'now' },
    ],
    { headers, query },
  )
  expect((await read.read('rooms/a%20b')).data).toEqual(['[1]'])
  await read.read('__registry__')
  expect(questions.map(({ action, path }) => `${action} ${path}`)).toEqual([
    'read rooms/a b',
    'read __registry__',
  ])

  // What a read of the stream alone would have shown them.
  await fetch(`${url}/rooms/a%20b?live=sse&offset=-1&token=t%2B`, { headers }).then(({ body }) =>
    body!.cancel(),
  )
  const [together, , alone] = questions.map(({ request }) => ({
    method: request.method,
    path: new URL(request.url).pathname,
    origin: new URL(request.url).origin,
    query: [...new URL(request.url).searchParams].toSorted(),
    headers: [...request.headers].filter(([name]) => name !== 'connection'),
    hasBody: request.body !== null,
  }))
  expect(together).toEqual(alone)
})

it('one stream that is refused says so by its name, and the others are read', async () => {
  const { url } = await startServer({
    authorize({ action, path }) {
      if (action !== 'read') return allow
      if (path === 'secret') return deny(403, 'Not for you')
      if (path === 'login') return deny(401)
      return allow
    },
  })
  for (const path of ['secret', 'login', 'open']) await createStream(url, { path, body: '1' })
  const wanted = ['secret', 'login', 'open'].map((path) => ({ path, offset: '-1' }))
  const read = await openMultiplexed(url, wanted)
  expect(await answerTo(read, 'secret')).toMatchObject({
    status: 403,
    body: { error: { code: 'forbidden', message: 'Not for you' } },
  })
  expect(await answerTo(read, 'login')).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Bearer' },
  })
  expect((await read.read('open')).data).toEqual(['[1]'])
  for (const path of ['secret', 'login', 'open']) await post(`${url}/${path}`, '2')
  expect(await read.next()).toMatchObject({ event: 'data', id: 'open', data: '[2]' })
})

it('rules that never answer for one stream keep no other waiting', async () => {
  const { url } = await startServer({
    authorize: ({ action, path }) =>
      action === 'read' && path === 'slow' ? new Promise<never>(() => undefined) : allow,
  })
  const open = await createStream(url, { path: 'open', body: '1' })
  const read = await openMultiplexed(url, [
    { path: 'slow', offset: '-1' },
    { path: 'open', offset: '-1' },
  ])
  expect((await read.read('open')).data).toEqual(['[1]'])
  await post(open, '2')
  expect((await read.read('open')).data).toEqual(['[2]'])
})

it('rules that fail refuse that stream alone, and are reported', async () => {
  const onError = vi.fn<(error: unknown) => void>()
  const { url } = await startServer({
    onError,
    authorize({ action, path }) {
      if (action === 'read' && path === 'a') throw new Error('no database')
      return allow
    },
  })
  await createStream(url, { path: 'b', body: '1' })
  const read = await openMultiplexed(url, [
    { path: 'a', offset: '-1' },
    { path: 'b', offset: '-1' },
  ])
  expect(await answerTo(read, 'a')).toMatchObject({ status: 500 })
  expect((await read.read('b')).data).toEqual(['[1]'])
  expect(onError).toHaveBeenCalledOnce()
})

it('rules are asked about some of many streams at a time, and no more once the reader left', async () => {
  let asked = 0
  const answers: (() => void)[] = []
  const handler = createFetchHandler({
    authorize() {
      asked += 1
      return new Promise((resolve) => answers.push(() => resolve(deny(404))))
    },
  })
  onTestFinished(() => handler.close())
  const wanted = Array.from({ length: 500 }, (_, i) => ({ path: `rooms/${i}`, offset: '-1' }))
  const ask = (request: Request): Promise<Response> => handler.fetch(request)
  const read = await openMultiplexed('http://a.example/v1/stream', wanted, { fetch: ask })
  await eventually(() => expect(asked).toBe(64))
  answers.shift()!()
  expect(await answerTo(read, 'rooms/0')).toMatchObject({ status: 404 })
  await eventually(() => expect(asked).toBe(65))

  await read.close()
  for (const answer of answers.splice(0)) answer()
  // Far more turns of the event loop than the next question would take.
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve))
  expect(asked).toBe(65)
})

it('a query or an offset that makes no read is refused before the rules are asked', async () => {
  const authorize = vi.fn<() => typeof allow>(() => allow)
  const { url } = await startServer({ authorize })
  const read = await openMultiplexed(url, [{ path: 'a', offset: 'tomorrow' }])
  expect(await answerTo(read, 'a')).toMatchObject({ status: 400 })
  expect(authorize).not.toHaveBeenCalled()
})
