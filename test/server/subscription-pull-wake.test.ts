import { expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createTestDesk, type Reply, type TestDesk } from '../support/subscription-desk.ts'

const WANTED = { type: 'pull-wake', wake_stream: 'wakes', pattern: 'events/*' }

interface WakeEvent {
  type: string
  subscription_id: string
  stream: string
  generation: number
  ts: number
}

async function wakesOf({ streams }: TestDesk): Promise<WakeEvent[]> {
  const outcome = await streams.page('wakes', 0, 1_000_000)
  if (outcome.kind !== 'page') return []
  const text = Buffer.concat(outcome.page.bytes).toString().replace(/,\n$/, '')
  return JSON.parse(`[${text}]`) as WakeEvent[]
}

/** Waits for the wake of this generation. */
function wake(desk: TestDesk, generation: number): Promise<WakeEvent> {
  return eventually(async () => {
    const last = (await wakesOf(desk)).at(-1)
    expect(last?.generation).toBe(generation)
    return last!
  })
}

async function subscribed(options?: Parameters<typeof createTestDesk>[0]): Promise<TestDesk> {
  const desk = createTestDesk(options)
  await desk.create('wakes')
  await desk.create('events/a')
  await desk.create('events/b')
  await desk.call('PUT', 'subscriptions/s', WANTED)
  return desk
}

function claim(desk: TestDesk, worker = 'w1'): Promise<Reply> {
  return desk.call('POST', 'subscriptions/s/claim', { worker })
}

function act(desk: TestDesk, action: string, claimed: Reply, more: object = {}): Promise<Reply> {
  const { wake_id, generation, token } = claimed.body
  return desk.call('POST', `subscriptions/s/${action}`, { wake_id, generation, ...more }, token)
}

it('tells of work in the wake stream, gives it to who claims it, and remembers what is done', async () => {
  const desk = await subscribed()
  const offset = await desk.append('events/a', 1)
  expect(await wake(desk, 1)).toEqual({
    type: 'wake',
    subscription_id: 's',
    stream: 'events/a',
    generation: 1,
    ts: desk.clock.now(),
  })
  const claimed = await claim(desk)
  const start = '0000000000000000'
  expect(claimed).toMatchObject({
    status: 200,
    body: {
      generation: 1,
      lease_ttl_ms: 30_000,
      streams: [
        {
          path: 'events/a',
          link_type: 'glob',
          acked_offset: start,
          tail_offset: offset,
          has_pending: true,
        },
        { path: 'events/b', tail_offset: start, has_pending: false },
      ],
    },
  })
  expect(await claim(desk, 'w2')).toMatchObject({
    status: 409,
    body: { error: { code: 'ALREADY_CLAIMED', current_holder: 'w1', generation: 1 } },
  })
  const acks = [{ stream: 'events/a', offset }]
  expect(await act(desk, 'ack', claimed, { acks, done: true })).toMatchObject({
    status: 200,
    body: { ok: true, next_wake: false },
  })
  const { body } = await desk.call('GET', 'subscriptions/s')
  expect(body.streams[0].acked_offset).toBe(offset)
  expect(await claim(desk)).toMatchObject({
    status: 409,
    body: { error: { code: 'NO_PENDING_WORK' } },
  })
  expect(await wakesOf(desk)).toHaveLength(1)
})

it('tells of work once, however much comes before a worker does', async () => {
  const desk = await subscribed()
  for (let i = 0; i < 20; i++) await desk.append(i % 2 ? 'events/a' : 'events/b', i)
  await wake(desk, 1)
  await claim(desk)
  for (let i = 0; i < 20; i++) await desk.append('events/a', i)
  expect(await wakesOf(desk)).toHaveLength(1)
})

it('wakes again for what came while the work was done', async () => {
  const desk = await subscribed()
  const offset = await desk.append('events/a', 1)
  const claimed = await claim(desk)
  await desk.append('events/a', 2)
  const acks = [{ stream: 'events/a', offset }]
  expect(await act(desk, 'ack', claimed, { acks, done: true })).toMatchObject({
    body: { ok: true, next_wake: true },
  })
  await wake(desk, 2)
  const { body } = await claim(desk)
  expect(body.generation).toBe(2)
  expect(body.wake_id).not.toBe(claimed.body.wake_id)
  expect(body.streams[0].acked_offset).toBe(offset)
})

it('wakes again for work that is given back', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const claimed = await claim(desk)
  expect(await act(desk, 'release', claimed)).toMatchObject({ status: 204 })
  await wake(desk, 2)
  expect(await act(desk, 'release', claimed)).toMatchObject({
    status: 409,
    body: { error: { code: 'FENCED' } },
  })
})

it('keeps the lease of a worker that is heard of, and frees that of a silent one', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const claimed = await claim(desk)
  desk.clock.advance(29_999)
  expect(await act(desk, 'ack', claimed)).toMatchObject({ body: { ok: true, next_wake: false } })
  desk.clock.advance(29_999)
  expect(await claim(desk, 'w2')).toMatchObject({ status: 409 })
  desk.clock.advance(1)
  expect(await act(desk, 'ack', claimed)).toMatchObject({ body: { error: { code: 'FENCED' } } })
  await wake(desk, 2)
  expect(await claim(desk, 'w2')).toMatchObject({ status: 200, body: { generation: 2 } })
})

it('gives an expired lease to the next worker even before anybody noticed', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const first = await claim(desk)
  const clock = desk.clock.now
  const later = createTestDesk({ storage: desk.storage })
  await desk.subscriptions.close()
  later.clock.advance(clock() - later.clock.now() + 30_000)
  const second = await claim(later, 'w2')
  expect(second).toMatchObject({ status: 200, body: { generation: 2 } })
  expect(second.body.wake_id).not.toBe(first.body.wake_id)
})

it('fences off whoever is not at the current wake, and moves no cursor for them', async () => {
  const desk = await subscribed()
  const offset = await desk.append('events/a', 1)
  const old = await claim(desk)
  await act(desk, 'release', old)
  await wake(desk, 2)
  const current = await claim(desk, 'w2')
  const acks = [{ stream: 'events/a', offset }]
  const bad = [
    await act(desk, 'ack', old, { acks }),
    await act(desk, 'ack', old, { acks, generation: 2 }),
    await act(desk, 'ack', old, { acks, generation: 2, wake_id: current.body.wake_id }),
    await act(desk, 'ack', current, { acks, generation: 1 }),
    await act(desk, 'ack', current, { acks, wake_id: old.body.wake_id }),
    await act(desk, 'release', current, { generation: 3 }),
  ]
  for (const answer of bad) {
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'FENCED' } } })
  }
  const { body } = await desk.call('GET', 'subscriptions/s')
  expect(body.streams[0].acked_offset).toBe('0000000000000000')
  expect(await act(desk, 'ack', current, { acks })).toMatchObject({ status: 200 })
})

it('wants the token of the claim', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const claimed = await claim(desk)
  await desk.call('PUT', 'subscriptions/other', { ...WANTED, streams: ['events/a'] })
  await desk.append('events/a', 2)
  const other = await desk.call('POST', 'subscriptions/other/claim', { worker: 'w1' })
  const { wake_id, generation, token } = claimed.body
  const [payload, mac] = token.split('.')
  const forged = Buffer.from(JSON.stringify({ wakeId: wake_id, generation })).toString('base64url')
  const tokens = [
    undefined,
    'x',
    '.',
    `${payload}.`,
    `${payload}.${mac.slice(0, -2)}`,
    `${payload}.${mac}x`,
    `${forged}.${mac}`,
    `${payload}.*`,
    other.body.token,
  ]
  for (const bad of tokens) {
    const answer = await desk.call('POST', 'subscriptions/s/ack', { wake_id, generation }, bad)
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
  }
  desk.clock.advance(24 * 60 * 60 * 1000)
  const late = await desk.call('POST', 'subscriptions/s/ack', { wake_id, generation }, token)
  expect(late.status).toBe(401)
})

it('does nothing for a worker whose subscription is deleted, or another by its name', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const claimed = await claim(desk)
  await desk.call('DELETE', 'subscriptions/s')
  expect(await act(desk, 'ack', claimed, { done: true })).toMatchObject({ status: 404 })
  expect(await claim(desk)).toMatchObject({ status: 404 })
  await desk.call('PUT', 'subscriptions/s', WANTED)
  expect(await act(desk, 'ack', claimed, { done: true })).toMatchObject({ status: 401 })
})

it.each([
  ['claim', {}],
  ['claim', { worker: '' }],
  ['claim', { worker: 7 }],
  ['claim', { worker: 'w'.repeat(257) }],
  ['ack', { wake_id: 7 }],
  ['ack', { generation: '1' }],
  ['ack', { generation: -1 }],
  ['ack', { done: 'yes' }],
  ['ack', { acks: {} }],
  ['ack', { acks: [null] }],
  ['ack', { acks: [{ stream: 'events/a' }] }],
  ['ack', { acks: [{ stream: 'events/a', offset: '-1' }] }],
  ['ack', { acks: [{ stream: 'events/a', offset: 'now' }] }],
  ['ack', { acks: [{ stream: 'events/a', offset: '9'.repeat(400) }] }],
  ['ack', { acks: [{ stream: '', offset: '0000000000000002' }] }],
  ['ack', { acks: [{ stream: 'events/a', offset: '0000000000000099' }] }],
  ['release', { acks: [] }],
  ['callback', {}],
])('refuses %s with %j', async (action, more) => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const claimed = await claim(desk)
  const answer =
    action === 'claim'
      ? await desk.call('POST', 'subscriptions/s/claim', more)
      : await act(desk, action, claimed, more)
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad-request' } } })
})

it('never goes back, and passes over streams that are not linked', async () => {
  const desk = await subscribed()
  const early = await desk.append('events/a', 1)
  const late = await desk.append('events/a', 2)
  const claimed = await claim(desk)
  const acks = [
    { stream: '/events/a', offset: late },
    { stream: 'events/a', offset: early },
    { stream: 'other', offset: early },
  ]
  expect(await act(desk, 'ack', claimed, { acks })).toMatchObject({ body: { ignored: ['other'] } })
  await act(desk, 'ack', claimed, { acks: [{ stream: 'events/a', offset: early }] })
  const { body } = await desk.call('GET', 'subscriptions/s')
  expect(body.streams[0].acked_offset).toBe(late)
})

it('takes an ack for the stream that was meant, not for its namesake', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 'old')
  const claimed = await claim(desk)
  await desk.streams.remove('events/a')
  await desk.create('events/a', 'new', 'newer')
  await desk.create('events/c')
  await eventually(async () => {
    const { body } = await desk.call('GET', 'subscriptions/s')
    expect(body.streams).toHaveLength(3)
  })
  const acks = [{ stream: 'events/a', offset: '0000000000000007' }]
  const answer = await act(desk, 'ack', claimed, { acks, done: true })
  expect(answer.body).toMatchObject({ ok: true, next_wake: true })
  const { body } = await desk.call('GET', 'subscriptions/s')
  expect(body.streams[0].acked_offset).toBe('0000000000000000')
})

it('gives each wake to one of two workers that race for it', async () => {
  const desk = await subscribed()
  for (let round = 1; round <= 100; round++) {
    const offset = await desk.append('events/a', round)
    const both = await Promise.all([claim(desk, 'w1'), claim(desk, 'w2')])
    const winners = both.filter(({ status }) => status === 200)
    expect(winners).toHaveLength(1)
    expect(winners[0]!.body.generation).toBe(round)
    const acks = [{ stream: 'events/a', offset }]
    const [first, second] = await Promise.all([
      act(desk, 'ack', winners[0]!, { acks, done: true }),
      act(desk, 'ack', winners[0]!, { acks, done: true }),
    ])
    expect([first.status, second.status].sort()).toEqual([200, 409])
  }
})

it('writes a wake when its stream is made at last, or made anew', async () => {
  const desk = createTestDesk()
  await desk.create('events/a')
  await desk.call('PUT', 'subscriptions/s', WANTED)
  await desk.append('events/a', 1)
  await eventually(async () => {
    const { body } = await desk.call('GET', 'subscriptions/s')
    expect(body).toMatchObject({ status: 'failed', retry: { attempt: 1 } })
  })
  await desk.create('wakes')
  await wake(desk, 1)
  await desk.streams.remove('wakes')
  await desk.create('wakes')
  await wake(desk, 1)
  const { body } = await desk.call('GET', 'subscriptions/s')
  expect(body.status).toBe('active')
})

it('unlinks a stream that is deleted while a worker is at it', async () => {
  const desk = await subscribed()
  await desk.append('events/a', 1)
  const claimed = await claim(desk)
  await desk.streams.remove('events/b')
  await eventually(async () => {
    const { body } = await desk.call('GET', 'subscriptions/s')
    expect(body.streams).toHaveLength(1)
  })
  expect(await act(desk, 'ack', claimed)).toMatchObject({ status: 200 })
})

it('writes a wake once, even if it cannot note that it did', async () => {
  const desk = await subscribed()
  const { update } = desk.storage
  let fails = false
  desk.storage.update = async (path, decide, scope) => {
    if (fails && path.startsWith('__ds/subscriptions')) throw new Error('disk')
    const outcome = await update.call(desk.storage, path, decide, scope)
    fails ||= path === 'wakes'
    return outcome as never
  }
  await desk.append('events/a', 1)
  await eventually(() => expect(desk.clock.delays).toEqual([1_000]))
  expect(desk.errors).toHaveLength(1)
  desk.storage.update = update
  desk.clock.advance(1_000)
  await eventually(async () => {
    const record = await desk.storage.read('__ds/subscriptions/s', 0, 0)
    expect(record?.record.document).toMatchObject({ wake: { sent: true } })
  })
  expect(await wakesOf(desk)).toHaveLength(1)
})

it('goes on after a restart: the cursor, the lease, the token and the next wake', async () => {
  const desk = await subscribed()
  const offset = await desk.append('events/a', 1)
  await wake(desk, 1)
  const claimed = await claim(desk)
  const next = await desk.restart()
  expect(await claim(next, 'w2')).toMatchObject({ body: { error: { current_holder: 'w1' } } })
  const acks = [{ stream: 'events/a', offset }]
  expect(await act(next, 'ack', claimed, { acks })).toMatchObject({ status: 200 })
  const last = await next.restart()
  await last.subscriptions.start()
  last.clock.advance(30_000)
  await last.append('events/b', 1)
  await wake(last, 2)
  const { body } = await claim(last, 'w2')
  expect(body).toMatchObject({
    generation: 2,
    streams: [{ acked_offset: offset }, { has_pending: true }],
  })
  expect(await wakesOf(last)).toHaveLength(2)
})
