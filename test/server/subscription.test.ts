import {
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  json,
  jsonValue,
  oneof,
  option,
  string,
} from 'fast-check'
import { expect, it } from 'vitest'
import { createTestDesk, type TestDesk } from '../support/subscription-desk.ts'
import { eventually } from '../support/eventually.ts'

const WEBHOOK = { type: 'webhook', webhook: { url: 'https://worker.example/hook' } }
const PULL = { type: 'pull-wake', wake_stream: 'wakes' }
const toJson = (value: unknown): string => JSON.stringify(value)
const START = '0000000000000000'

async function linksOf(desk: TestDesk, id = 's'): Promise<[string, string, string][]> {
  const { body } = await desk.call('GET', `subscriptions/${id}`)
  return body.streams.map((link: Record<string, string>) => [
    link['path'],
    link['link_type'],
    link['acked_offset'],
  ])
}

it('makes a subscription once, shows it, and confirms it when asked again', async () => {
  const desk = createTestDesk()
  const wanted = { ...WEBHOOK, pattern: 'events/*', description: 'events' }
  const made = await desk.call('PUT', 'subscriptions/s', wanted)
  expect(made).toMatchObject({
    status: 201,
    headers: { location: 'https://streams.example/v1/stream/__ds/subscriptions/s' },
    body: {
      id: 's',
      subscription_id: 's',
      type: 'webhook',
      pattern: 'events/*',
      streams: [],
      wake_stream: null,
      lease_ttl_ms: 30_000,
      created_at: '2030-01-01T00:00:00.000Z',
      status: 'active',
      description: 'events',
      webhook: {
        url: 'https://worker.example/hook',
        signing: {
          alg: 'ed25519',
          jwks_url: 'https://streams.example/v1/stream/__ds/jwks.json',
        },
      },
    },
  })
  const normalized = { ...wanted, pattern: '/events/*', streams: [], lease_ttl_ms: 30_000 }
  expect(await desk.call('PUT', 'subscriptions/s', normalized)).toMatchObject({
    status: 200,
    body: made.body,
  })
  expect(await desk.call('GET', 'subscriptions/s')).toMatchObject({ status: 200, body: made.body })
})

it.each([
  ['pattern', { pattern: 'other/*' }],
  ['streams', { streams: ['a'] }],
  ['leaseTtlMs', { lease_ttl_ms: 1_000 }],
  ['description', { description: 'other' }],
  ['webhookUrl', { webhook: { url: 'https://other.example/' } }],
])('refuses to make another one of it: another %s', async (part, change) => {
  const desk = createTestDesk()
  const wanted = { ...WEBHOOK, pattern: 'events/*' }
  await desk.call('PUT', 'subscriptions/s', wanted)
  const answer = await desk.call('PUT', 'subscriptions/s', { ...wanted, ...change })
  expect(answer).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } })
  expect(answer.body.error.message).toContain(part)
})

it('forgets a subscription that is deleted, and may make another by its name', async () => {
  const desk = createTestDesk()
  await desk.call('PUT', 'subscriptions/s', { ...PULL, pattern: '*' })
  expect(await desk.call('DELETE', 'subscriptions/s')).toMatchObject({ status: 204 })
  expect(await desk.call('GET', 'subscriptions/s')).toMatchObject({ status: 404 })
  expect(await desk.call('DELETE', 'subscriptions/s')).toMatchObject({ status: 204 })
  const again = await desk.call('PUT', 'subscriptions/s', { ...PULL, pattern: 'other/*' })
  expect(again.status).toBe(201)
})

it.each(['__proto__', 'constructor', 'toString', 'a%2Fb', '%E2%82%AC', 'jwks.json'])(
  'takes %s for an id like any other',
  async (id) => {
    const desk = createTestDesk()
    await desk.create('__proto__/x')
    expect(await desk.call('GET', `subscriptions/${id}`)).toMatchObject({ status: 404 })
    const wanted = { ...PULL, streams: ['__proto__/x', 'constructor'] }
    expect(await desk.call('PUT', `subscriptions/${id}`, wanted)).toMatchObject({ status: 201 })
    const { body } = await desk.call('GET', `subscriptions/${id}`)
    expect(body.id).toBe(decodeURIComponent(id))
    expect(await linksOf(desk, id)).toEqual([
      ['__proto__/x', 'explicit', START],
      ['constructor', 'explicit', START],
    ])
  },
)

it.each([
  ['not JSON', '{"type":'],
  ['no JSON object', '[]'],
  ['null', 'null'],
  ['no type', { pattern: '*' }],
  ['an unknown type', { ...PULL, type: 'push', pattern: '*' }],
  ['neither pattern nor streams', PULL],
  ['an empty list of streams', { ...PULL, streams: [] }],
  ['streams that are no list', { ...PULL, streams: 'a' }],
  ['a stream that is no text', { ...PULL, streams: [7] }],
  ['a stream that cannot be', { ...PULL, streams: ['a//b'] }],
  ['a stream with a query', { ...PULL, streams: ['a?b'] }],
  ['a stream above the root', { ...PULL, streams: ['../a'] }],
  ['a stream of the server', { ...PULL, streams: ['__ds/signing-key'] }],
  ['the registry', { ...PULL, streams: ['__registry__'] }],
  ['its own wake stream', { ...PULL, streams: ['wakes'] }],
  ['no wake stream', { type: 'pull-wake', pattern: '*' }],
  ['a wake stream of the server', { ...PULL, wake_stream: '__ds/x', pattern: '*' }],
  ['a webhook for pull-wake', { ...PULL, ...WEBHOOK, type: 'pull-wake', pattern: '*' }],
  ['a wake stream for a webhook', { ...PULL, ...WEBHOOK, pattern: '*' }],
  ['no webhook', { type: 'webhook', pattern: '*' }],
  ['a webhook that is text', { type: 'webhook', webhook: 'https://a.example', pattern: '*' }],
  ['a webhook without URL', { type: 'webhook', webhook: {}, pattern: '*' }],
  ['a URL that is none', { type: 'webhook', webhook: { url: 'worker' }, pattern: '*' }],
  ['a lease too short', { ...PULL, pattern: '*', lease_ttl_ms: 999 }],
  ['a lease too long', { ...PULL, pattern: '*', lease_ttl_ms: 600_001 }],
  ['a lease in text', { ...PULL, pattern: '*', lease_ttl_ms: '30000' }],
  ['a lease that is no integer', { ...PULL, pattern: '*', lease_ttl_ms: 1_000.5 }],
  ['a description that is none', { ...PULL, pattern: '*', description: {} }],
  ['a pattern that is none', { ...PULL, pattern: 7 }],
  ['a pattern of stars', { ...PULL, pattern: '*'.repeat(500) }],
  ['a member that nobody knows', { ...PULL, pattern: '*', lease_ttl: 1_000 }],
  ['__proto__ as a member', `{"type":"pull-wake","wake_stream":"w","pattern":"*","__proto__":1}`],
])('refuses %s', async (_name, wanted) => {
  const desk = createTestDesk()
  const answer = await desk.call('PUT', 'subscriptions/s', wanted)
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad-request' } } })
  expect(await desk.call('GET', 'subscriptions/s')).toMatchObject({ status: 404 })
})

it.each([
  ['POST', 'subscriptions/s', 405],
  ['PATCH', 'subscriptions/s', 405],
  ['GET', 'subscriptions/s/claim', 405],
  ['POST', 'subscriptions/s/streams/a', 405],
  ['POST', 'jwks.json', 405],
  ['GET', 'subscriptions', 404],
  ['GET', 'other', 404],
  ['POST', 'subscriptions/s/other', 404],
  ['POST', 'subscriptions/s/claim/other', 404],
  ['GET', 'jwks.json/x', 404],
  ['PUT', `subscriptions/${'x'.repeat(257)}`, 400],
])('answers %s %s with %i', async (method, path, status) => {
  const desk = createTestDesk()
  const answer = await desk.call(method, path)
  expect(answer.status).toBe(status)
  expect(answer.body.error.message).not.toBe('')
})

it('sends no webhooks where the host cannot, and says so', async () => {
  const desk = createTestDesk({ sendsWebhooks: false })
  const answer = await desk.call('PUT', 'subscriptions/s', { ...WEBHOOK, pattern: '*' })
  expect(answer).toMatchObject({ status: 501, body: { error: { code: 'unsupported' } } })
})

it('refuses a webhook that the host refuses, in its words', async () => {
  const desk = createTestDesk()
  const webhook = { url: 'https://forbidden.example/' }
  const answer = await desk.call('PUT', 'subscriptions/s', { ...WEBHOOK, webhook, pattern: '*' })
  const message = 'https://forbidden.example/ is not ours'
  expect(answer.status).toBe(400)
  expect(answer.body.error).toEqual({ code: 'WEBHOOK_URL_REJECTED', message })
})

it('takes a JSON stream alone for wakes', async () => {
  const desk = createTestDesk()
  await desk.streams.create('wakes', {
    id: 'x',
    contentType: 'text/plain',
    data: new Uint8Array(),
    closed: false,
  })
  const answer = await desk.call('PUT', 'subscriptions/s', { ...PULL, pattern: '*' })
  expect(answer).toMatchObject({ status: 400 })
})

it('begins with matching streams at their tails, and takes later ones from their beginning', async () => {
  const desk = createTestDesk()
  await desk.create('events/old', 1)
  await desk.create('events/deep/no')
  await desk.create('other')
  await desk.call('PUT', 'subscriptions/s', { ...PULL, pattern: 'events/*' })
  await desk.create('events/new', 1, 2)
  await eventually(async () => {
    expect(await linksOf(desk)).toEqual([
      ['events/new', 'glob', START],
      ['events/old', 'glob', '0000000000000003'],
    ])
  })
})

it('links what is made while it is being made', async () => {
  const desk = createTestDesk()
  await desk.subscriptions.start()
  const { list } = desk.storage
  desk.storage.list = async (after, limit) => {
    const page = await list(after, limit)
    desk.storage.list = list
    await desk.create('late', 1)
    await desk.create('deep/late', 1)
    return page
  }
  await desk.call('PUT', 'subscriptions/s', { ...PULL, pattern: '*' })
  await eventually(async () => expect(await linksOf(desk)).toEqual([['late', 'glob', START]]))
})

it('links neither its own wake stream nor what belongs to the server', async () => {
  const desk = createTestDesk()
  await desk.create('wakes')
  await desk.call('PUT', 'subscriptions/other', { ...PULL, pattern: 'x' })
  const later = { ...PULL, wake_stream: 'later', pattern: '**' }
  await desk.call('PUT', 'subscriptions/later', later)
  await desk.call('PUT', 'subscriptions/s', { ...PULL, pattern: '**' })
  await desk.create('later')
  await desk.create('a')
  await eventually(async () => {
    expect(await linksOf(desk)).toEqual([
      ['a', 'glob', START],
      ['later', 'glob', START],
    ])
    const links = await linksOf(desk, 'later')
    expect(links.map(([path]) => path)).toEqual(['a', 'wakes'])
  })
})

it('links what was made while the server was down, from its beginning', async () => {
  const desk = createTestDesk()
  await desk.create('before', 1)
  await desk.call('PUT', 'subscriptions/s', { ...PULL, pattern: '*' })
  await desk.subscriptions.close()
  await desk.create('meanwhile', 1)
  const next = await desk.restart()
  await next.subscriptions.start()
  await eventually(async () => {
    expect(await linksOf(next)).toEqual([
      ['before', 'glob', '0000000000000003'],
      ['meanwhile', 'glob', START],
    ])
  })
})

it('names streams and takes that back; a name hides that the pattern matches too', async () => {
  const desk = createTestDesk()
  await desk.create('events/a', 1)
  await desk.create('x/y', 1)
  await desk.call('PUT', 'subscriptions/s', { ...PULL, pattern: 'events/*' })
  const tail = '0000000000000003'
  const named = { streams: ['events/a', 'x/y', '/x/y', 'not yet'] }
  expect(await desk.call('POST', 'subscriptions/s/streams', named)).toMatchObject({ status: 204 })
  expect(await desk.call('POST', 'subscriptions/s/streams', named)).toMatchObject({ status: 204 })
  expect(await linksOf(desk)).toEqual([
    ['events/a', 'explicit', tail],
    ['not%20yet', 'explicit', START],
    ['x/y', 'explicit', tail],
  ])

  for (const path of ['events/a', 'x%2Fy', 'not%2520yet', 'never']) {
    const answer = await desk.call('DELETE', `subscriptions/s/streams/${path}`)
    expect(answer.status).toBe(204)
  }
  expect(await linksOf(desk)).toEqual([['events/a', 'glob', tail]])
})

it.each([{}, { streams: [] }, { streams: ['__ds/x'] }, { streams: ['wakes'] }, { stream: 'a' }])(
  'refuses to name %j',
  async (body) => {
    const desk = createTestDesk()
    await desk.call('PUT', 'subscriptions/s', { ...PULL, pattern: 'events/*' })
    expect(await desk.call('POST', 'subscriptions/s/streams', body)).toMatchObject({ status: 400 })
  },
)

it('names nothing for a subscription that is not there', async () => {
  const desk = createTestDesk()
  const body = { streams: ['a'] }
  expect(await desk.call('POST', 'subscriptions/s/streams', body)).toMatchObject({ status: 404 })
  expect(await desk.call('DELETE', 'subscriptions/s/streams/a')).toMatchObject({ status: 404 })
})

it('unlinks a stream that is deleted, and begins anew with its namesake', async () => {
  const desk = createTestDesk()
  await desk.create('a', 1)
  await desk.create('b', 1)
  await desk.call('PUT', 'subscriptions/s', { ...PULL, pattern: '*', streams: ['b'] })
  await desk.streams.remove('a')
  await desk.streams.remove('b')
  await eventually(async () => expect(await linksOf(desk)).toEqual([['b', 'explicit', START]]))
  await desk.create('a', 1)
  await eventually(async () => {
    expect(await linksOf(desk)).toEqual([
      ['a', 'glob', START],
      ['b', 'explicit', START],
    ])
  })
})

it('keeps within the limits of subscriptions and streams', async () => {
  const desk = createTestDesk({ limits: { maxSubscriptions: 2, maxLinks: 3 } })
  for (const path of ['a', 'b', 'c', 'd']) await desk.create(`x/${path}`)
  const many = { ...PULL, streams: ['a', 'b', 'c', 'd'] }
  expect(await desk.call('PUT', 'subscriptions/1', many)).toMatchObject({ status: 400 })
  const wide = { ...PULL, pattern: 'x/*' }
  expect(await desk.call('PUT', 'subscriptions/1', wide)).toMatchObject({ status: 400 })

  const wanted = { ...PULL, pattern: 'y/*' }
  expect(await desk.call('PUT', 'subscriptions/1', wanted)).toMatchObject({ status: 201 })
  expect(await desk.call('PUT', 'subscriptions/2', wanted)).toMatchObject({ status: 201 })
  expect(await desk.call('PUT', 'subscriptions/3', wanted)).toMatchObject({ status: 507 })
  expect(await desk.call('PUT', 'subscriptions/2', wanted)).toMatchObject({ status: 200 })

  const named = { streams: ['a', 'b', 'c'] }
  expect(await desk.call('POST', 'subscriptions/1/streams', named)).toMatchObject({ status: 204 })
  const one = { streams: ['d'] }
  expect(await desk.call('POST', 'subscriptions/1/streams', one)).toMatchObject({ status: 400 })
  await desk.create('y/1')
  await eventually(() => expect(desk.errors).toHaveLength(1))
  expect(await linksOf(desk, '1')).toHaveLength(3)
})

it('answers whatever is sent with less than 500, and goes on', async () => {
  const desk = createTestDesk()
  await desk.create('wakes')
  await desk.create('a', 1)
  const wanted = { ...PULL, streams: ['a'] }
  const claims = {
    worker: 'w',
    wake_id: 'w',
    generation: 1,
    acks: [{ stream: 'a', offset: START }],
  }
  const fields = constantFrom(...Object.keys({ ...wanted, ...WEBHOOK, ...claims }), '__proto__')
  const known = constantFrom(...Object.values<unknown>({ ...wanted, ...WEBHOOK, ...claims }))
  const bodies = oneof(json(), dictionary(fields, oneof(known, jsonValue())).map(toJson), string())
  const paths = constantFrom(
    '',
    '/claim',
    '/ack',
    '/callback',
    '/release',
    '/streams',
    '/streams/a',
  )
  const methods = constantFrom('PUT', 'POST', 'GET', 'DELETE')
  const tokens = option(string({ minLength: 1 }), { nil: undefined })
  await assert(
    asyncProperty(methods, paths, bodies, tokens, async (method, path, body, token) => {
      const answer = await desk.call(method, `subscriptions/s${path}`, body, token)
      expect(answer.status).toBeLessThan(500)
    }),
    { numRuns: 3_000 },
  )
  expect(desk.errors).toEqual([])
  expect(await desk.call('PUT', 'subscriptions/last', wanted)).toMatchObject({ status: 201 })
})

it('needs no rules of an application where the token of a wake is asked for', () => {
  const { subscriptions } = createTestDesk()
  const open = ['jwks.json', 'subscriptions/s/callback', 'subscriptions/s/ack']
  const closed = [
    'subscriptions/s',
    'subscriptions/s/claim',
    'subscriptions/s/streams/ack',
    'x/ack',
  ]
  expect(open.map((path) => subscriptions.authorizesItself(`__ds/${path}`))).not.toContain(false)
  expect(closed.map((path) => subscriptions.authorizesItself(`__ds/${path}`))).not.toContain(true)
})

it('refuses a body of more than 1 MiB', async () => {
  const desk = createTestDesk()
  const asked: number[] = []
  const { body, ...rest } = desk.exchange('PUT', 'subscriptions/s', '{}')
  const exchange = {
    ...rest,
    body: (maxBytes: number) => {
      asked.push(maxBytes)
      return body(maxBytes)
    },
  }
  await desk.subscriptions.handle(exchange, '__ds/subscriptions/s')
  expect(asked).toEqual([1024 * 1024])
})
