import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import {
  createTestDesk,
  type Reply,
  type TestDesk,
  type WebhookCall,
} from '../support/subscription-desk.ts'

const URL_OF_WORKER = 'https://worker.example/hook'
const WANTED = { type: 'webhook', webhook: { url: URL_OF_WORKER }, pattern: 'events/*' }
const START = '0000000000000000'

async function subscribed(options?: Parameters<typeof createTestDesk>[0]): Promise<TestDesk> {
  const desk = createTestDesk(options)
  await desk.create('events/a')
  await desk.create('events/b')
  await desk.call('PUT', 'subscriptions/s', WANTED)
  return desk
}

function callBack(desk: TestDesk, { wake }: WebhookCall, more: object = {}): Promise<Reply> {
  const { wake_id, generation, callback_token } = wake
  const body = { wake_id, generation, ...more }
  return desk.call('POST', 'subscriptions/s/callback', body, callback_token)
}

async function ackedOffset(desk: TestDesk, stream = 0): Promise<string> {
  return (await desk.call('GET', 'subscriptions/s')).body.streams[stream].acked_offset
}

/** Waits until the failure of a delivery is stored, and gives it. */
function failure(desk: TestDesk, attempt: number): Promise<Record<string, unknown>> {
  return eventually(async () => {
    const { body } = await desk.call('GET', 'subscriptions/s')
    expect(body).toMatchObject({ status: 'failed', retry: { attempt } })
    return body.retry
  })
}

it('calls the webhook with all that a worker needs', async () => {
  const desk = await subscribed()
  const offset = await desk.append('events/a', 1)
  const call = await desk.webhooks.next()
  expect(call.url).toBe(URL_OF_WORKER)
  expect(call.headers['content-type']).toBe('application/json')
  expect(call.wake).toEqual({
    subscription_id: 's',
    wake_id: expect.any(String),
    generation: 1,
    streams: [
      {
        path: 'events/a',
        link_type: 'glob',
        acked_offset: START,
        tail_offset: offset,
        has_pending: true,
      },
      {
        path: 'events/b',
        link_type: 'glob',
        acked_offset: START,
        tail_offset: START,
        has_pending: false,
      },
    ],
    callback_url: 'https://streams.example/v1/stream/__ds/subscriptions/s/callback',
    callback_token: expect.any(String),
  })
})

it('signs what it sends with a key that anybody can look up', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 'ünïcode')
  const { headers, body } = await desk.webhooks.next()
  const [, time, kid, signature] = /^t=(\d+),kid=([\w-]+),ed25519=([\w-]+)$/.exec(
    headers['webhook-signature']!,
  )!
  expect(Number(time)).toBe(desk.clock.now() / 1000)

  const jwks = await desk.call('GET', 'jwks.json')
  expect(jwks.headers).toMatchObject({
    'content-type': 'application/jwk-set+json',
    'cache-control': 'public, max-age=300',
  })
  expect(Object.keys(jwks.body.keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
  const jwk = jwks.body.keys.find((key: JsonWebKey & { kid: string }) => key.kid === kid)
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const isSigned = (text: string): boolean =>
    verify(null, Buffer.from(text), key, Buffer.from(signature!, 'base64url'))
  expect(isSigned(`${time}.${body}`)).toBe(true)
  expect(isSigned(`${time}.${body} `)).toBe(false)
  expect(isSigned(`${Number(time) + 1}.${body}`)).toBe(false)
})

it('keeps its key over a restart, and has one however many ask for it at once', async () => {
  const desk = createTestDesk()
  const twin = createTestDesk({ storage: desk.storage })
  const keys = await Promise.all([desk.call('GET', 'jwks.json'), twin.call('GET', 'jwks.json')])
  const next = await desk.restart()
  keys.push(await next.call('GET', 'jwks.json'))
  expect(new Set(keys.map(({ body }) => JSON.stringify(body))).size).toBe(1)
  expect(JSON.stringify(keys[0]!.body)).not.toContain('"d"')
})

it('takes {"done": true} for an ack of what it told of, and no more', async () => {
  const desk = await subscribed()
  const first = await desk.append('events/a', 1)
  const call = await desk.webhooks.next()
  const second = await desk.append('events/a', 2)
  call.answer({ json: { done: true } })
  const next = await desk.webhooks.next()
  expect(next.wake).toMatchObject({
    generation: 2,
    streams: [{ acked_offset: first, tail_offset: second, has_pending: true }, {}],
  })
  expect(next.wake.wake_id).not.toBe(call.wake.wake_id)
  next.answer({ json: { done: true } })
  await eventually(async () => expect(await ackedOffset(desk)).toBe(second))
  expect(desk.webhooks.size).toBe(0)
  expect(desk.clock.delays).toEqual([])
})

it.each(['', 'OK', 'null', '[]', '{"done":"true"}', '{"done":1}', '{"done":false}'])(
  'takes the answer %j for a receipt, and waits for the callback',
  async (body) => {
    const desk = await subscribed()
    const offset = await desk.append('events/a', 1)
    const call = await desk.webhooks.next()
    call.answer({ status: 202, body })
    await eventually(() => expect(desk.clock.delays).toEqual([30_000]))
    const acks = [{ stream: 'events/a', offset }]
    expect(await callBack(desk, call, { acks, done: true })).toMatchObject({
      status: 200,
      body: { ok: true, next_wake: false },
    })
    expect(await ackedOffset(desk)).toBe(offset)
    expect(await callBack(desk, call, { acks, done: true })).toMatchObject({
      status: 409,
      body: { error: { code: 'FENCED' } },
    })
  },
)

it('wakes again when a worker took the work and was never heard of', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const call = await desk.webhooks.next()
  call.answer({})
  await eventually(() => expect(desk.clock.delays).toEqual([30_000]))
  desk.clock.advance(20_000)
  expect(await callBack(desk, call)).toMatchObject({ status: 200 })
  await eventually(() => expect(desk.clock.delays).toEqual([30_000]))
  desk.clock.advance(30_000)
  const next = await desk.webhooks.next()
  expect(next.wake.generation).toBe(2)
  expect(await callBack(desk, call, { done: true })).toMatchObject({ status: 409 })
  expect(await callBack(desk, next, { done: true })).toMatchObject({ body: { next_wake: true } })
  expect((await desk.webhooks.next()).wake.generation).toBe(3)
})

it('hears a worker that calls back before it answers', async () => {
  const desk = await subscribed()
  const offset = await desk.append('events/a', 1)
  const call = await desk.webhooks.next()
  const acks = [{ stream: 'events/a', offset }]
  expect(await callBack(desk, call, { acks })).toMatchObject({ status: 200 })
  call.answer({ status: 500 })
  expect(await callBack(desk, call, { done: true })).toMatchObject({ body: { next_wake: false } })
  expect((await desk.call('GET', 'subscriptions/s')).body.status).toBe('active')
})

it('tries again after 1 s, 2 s, 4 s … 60 s, and calls the same wake by the same name', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const first = await desk.webhooks.next()
  let call = first
  const delays = [1, 2, 4, 8, 16, 32, 60, 60, 60]
  for (const [i, seconds] of delays.entries()) {
    if (i % 2) call.answer({ status: 503 })
    else call.fail('could not be reached: ECONNREFUSED')
    const { next_attempt_at, reason } = await failure(desk, i + 1)
    expect(reason).toBe(i % 2 ? 'answered 503' : 'could not be reached: ECONNREFUSED')
    expect(Date.parse(String(next_attempt_at)) - desk.clock.now()).toBe(seconds * 1000)
    await eventually(() => expect(desk.clock.delays).toEqual([seconds * 1000]))
    desk.clock.advance(seconds * 1000 - 1)
    expect(desk.webhooks.size).toBe(0)
    desk.clock.advance(1)
    call = await desk.webhooks.next()
    expect(call.wake.wake_id).toBe(first.wake.wake_id)
    expect(call.wake.generation).toBe(1)
  }
  call.answer({ json: { done: true } })
  await eventually(async () => {
    const { body } = await desk.call('GET', 'subscriptions/s')
    expect(body.status).toBe('active')
    expect(body.retry).toBeUndefined()
  })
})

it.each([
  [0, 800],
  [0.25, 900],
  [0.999999, 1_200],
])('moves a retry by up to a fifth: chance %d makes it %d ms', async (chance, delayMs) => {
  const desk = await subscribed({ random: () => chance })
  await desk.append('events/a', 1)
  const call = await desk.webhooks.next()
  call.answer({ status: 500 })
  await eventually(() => expect(desk.clock.delays).toEqual([delayMs]))
})

it.each([199, 301, 302, 307, 400, 404, 410, 500])(
  'takes status %i for a failure',
  async (status) => {
    const desk = await subscribed()
    await desk.append('events/a', 1)
    const call = await desk.webhooks.next()
    call.answer({ status, json: { done: true } })
    await failure(desk, 1)
    expect(await ackedOffset(desk)).toBe(START)
  },
)

it('gives up on a webhook that does not answer while a lease would last', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const call = await desk.webhooks.next()
  expect(call.signal.aborted).toBe(false)
  desk.clock.advance(30_000)
  expect(call.signal.aborted).toBe(true)
  expect(await failure(desk, 1)).toMatchObject({ reason: 'no answer in time' })
})

it('keeps to the schedule of retries over a restart', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  for (let attempt = 1; attempt <= 3; attempt++) {
    const call = await desk.webhooks.next()
    call.answer({ status: 500 })
    await failure(desk, attempt)
    await eventually(() => expect(desk.clock.delays).toHaveLength(1))
    if (attempt < 3) desk.clock.advance(60_000)
  }
  desk.clock.advance(1_500)
  const next = await desk.restart()
  await next.subscriptions.start()
  await eventually(() => expect(next.clock.delays).toEqual([2_500]))
  next.clock.advance(2_499)
  expect(next.webhooks.size).toBe(0)
  next.clock.advance(1)
  const call = await next.webhooks.next()
  expect(call.wake.generation).toBe(1)
  call.answer({ status: 500 })
  expect(await failure(next, 4)).toMatchObject({ attempt: 4 })
})

it('sends what a restart cut off, and wakes for what came meanwhile', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const cut = await desk.webhooks.next()
  await desk.subscriptions.close()
  expect(cut.signal.aborted).toBe(true)
  expect(desk.clock.delays).toEqual([])
  const offset = await desk.append('events/b', 1)

  const next = await desk.restart()
  await next.subscriptions.start()
  const again = await next.webhooks.next()
  expect(again.wake.wake_id).toBe(cut.wake.wake_id)
  expect(again.wake.streams[1]).toMatchObject({ tail_offset: offset, has_pending: true })
  again.answer({ json: { done: true } })
  await eventually(async () => expect(await ackedOffset(next, 1)).toBe(offset))
})

it('ends a lease that ran out while the server was down', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const call = await desk.webhooks.next()
  call.answer({})
  await eventually(() => expect(desk.clock.delays).toEqual([30_000]))
  await desk.subscriptions.close()
  desk.clock.advance(60_000)
  const next = await desk.restart()
  await next.subscriptions.start()
  expect((await next.webhooks.next()).wake.generation).toBe(2)
})

it('calls a webhook that is deleted no more', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const call = await desk.webhooks.next()
  await desk.call('DELETE', 'subscriptions/s')
  expect(call.signal.aborted).toBe(true)
  expect(await callBack(desk, call, { done: true })).toMatchObject({ status: 404 })
  await desk.append('events/a', 2)
  expect(desk.clock.delays).toEqual([])
  expect(desk.webhooks.size).toBe(0)
})

it('stops waiting for the answer to a wake that is over', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const first = await desk.webhooks.next()
  await callBack(desk, first, { done: true })
  const second = await desk.webhooks.next()
  expect(first.signal.aborted).toBe(true)
  expect(second.wake.generation).toBe(2)
})

it('wakes for a stream that was made later, even if it is made with content', async () => {
  const desk = await subscribed()
  await desk.create('events/new', 1)
  const { wake } = await desk.webhooks.next()
  expect(wake.streams[2]).toMatchObject({
    path: 'events/new',
    acked_offset: START,
    tail_offset: '0000000000000003',
    has_pending: true,
  })
})

it('does not wake for a stream that is only looked at, closed or deleted', async () => {
  const desk = await subscribed()
  await desk.streams.append('events/a', { data: new Uint8Array(), close: true })
  await desk.streams.remove('events/b')
  await eventually(async () => {
    const { body } = await desk.call('GET', 'subscriptions/s')
    expect(body.streams).toHaveLength(1)
  })
  expect(desk.webhooks.size).toBe(0)
})

it('wants the token of the wake', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const { wake } = await desk.webhooks.next()
  const { wake_id, generation, callback_token } = wake
  const body = { wake_id, generation, done: true }
  for (const token of [undefined, 'x', `${callback_token}x`, callback_token.slice(1)]) {
    const answer = await desk.call('POST', 'subscriptions/s/callback', body, token)
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } })
  }
  expect(await desk.call('POST', 'subscriptions/s/ack', body, callback_token)).toMatchObject({
    status: 400,
  })
})

it('goes on when the storage fails for a while', async () => {
  const desk = await subscribed()
  const { update } = desk.storage
  await desk.append('events/b', 1)
  const call = await desk.webhooks.next()
  desk.storage.update = () => Promise.reject(new Error('disk'))
  call.answer({ json: { done: true } })
  await eventually(() => expect(desk.errors.map(String)).toEqual(['Error: disk']))
  desk.storage.update = update
  await eventually(() => expect(desk.clock.delays).toEqual([1_000]))
  desk.clock.advance(1_000)
  const again = await desk.webhooks.next()
  expect(again.wake.wake_id).toBe(call.wake.wake_id)
})
