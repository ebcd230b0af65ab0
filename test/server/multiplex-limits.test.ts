import { describe, expect, it, vi } from 'vitest'
import { createFetchHandler } from '../../dev-server/index.ts'
import { eventually } from '../support/eventually.ts'
import { seededRandom } from '../support/hostile-requests.ts'
import { answerTo, askMultiplexed, openMultiplexed } from '../support/multiplexed.ts'
import { exchangeRaw, parseAnswers } from '../support/raw-http.ts'
import { createStream, post, startServer } from '../support/server.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const ONE = '{"streams":[{"path":"a","offset":"-1"}]}'

describe('a multiplexed read that is none is refused as a whole, in words', () => {
  const streams = (text: string): string => `{"streams":[${text}]}`
  it.each<[string, string, number, Record<string, string>?]>([
    ['no body', '', 400],
    ['no JSON', '{"streams":', 400],
    ['invalid UTF-8', '{"streams":[{"path":"\xff","offset":"-1"}]}', 400],
    ['null', 'null', 400],
    ['a number', '1', 400],
    ['a list', '[]', 400],
    ['no streams', '{}', 400],
    ['an empty list of streams', streams(''), 400],
    ['streams that are no list', '{"streams":{"path":"a","offset":"-1"}}', 400],
    ['a stream that is none', streams('null'), 400],
    ['a stream that is a text', streams('"a"'), 400],
    ['a stream without a path', streams('{"offset":"-1"}'), 400],
    ['an empty path', streams('{"path":"","offset":"-1"}'), 400],
    ['a path that is no text', streams('{"path":["a"],"offset":"-1"}'), 400],
    ['an empty segment', streams('{"path":"/a","offset":"-1"}'), 400],
    ['a relative segment', streams('{"path":"a/%2e%2e/b","offset":"-1"}'), 400],
    ['a control character', streams('{"path":"a\\nid: b","offset":"-1"}'), 400],
    ['an encoded one', streams('{"path":"a%0Ab","offset":"-1"}'), 400],
    ['half a character', streams('{"path":"%e2%82","offset":"-1"}'), 400],
    ['half of a pair', streams('{"path":"\\ud800","offset":"-1"}'), 400],
    ['a query in the path', streams('{"path":"a?offset=-1","offset":"-1"}'), 400],
    ['a path that is too long', streams(`{"path":"${'a'.repeat(1025)}","offset":"-1"}`), 414],
    ['a stream twice', streams('{"path":"a","offset":"-1"},{"path":"a","offset":"now"}'), 400],
    [
      'a stream twice, spelled in two ways',
      streams('{"path":"é","offset":"-1"},{"path":"%c3%a9","offset":"-1"}'),
      400,
    ],
    ['no content type', ONE, 415, { 'content-type': '' }],
    ['another content type', ONE, 415, { 'content-type': 'text/plain' }],
  ])('%s', async (_name, text, status, headers = JSON_TYPE) => {
    const { url } = await startServer()
    const body = _name === 'invalid UTF-8' ? Buffer.from(text, 'latin1') : text
    const answer = await fetch(`${url}/__ds/live`, { method: 'POST', headers, body })
    const { error } = (await answer.json()) as { error: { message: string } }
    expect([answer.status, error.message]).toEqual([status, expect.stringMatching(/\w{3}/)])
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('another method, which is told the right one', async () => {
    const { url } = await startServer({ subscriptions: false })
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
      const answer = await fetch(`${url}/__ds/live`, { method })
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'POST'])
    }
  })

  it('but not for an offset that is none, which is the matter of its stream', async () => {
    const { url } = await startServer()
    await createStream(url, { path: 'a', body: '1', headers: { 'stream-closed': 'true' } })
    const offsets = [undefined, null, 1, '', 'x', '-2', '0'.repeat(15), '9'.repeat(10_000)]
    const streams = offsets.map((offset, i) => ({ path: `s${i}`, offset }))
    const answer = await askMultiplexed(url, [...streams, { path: 'a', offset: '-1' }])
    const text = await answer.text()
    expect(text.match(/"status":\d+/g)).toEqual([
      ...offsets.map(() => '"status":400'),
      '"status":200',
    ])
    // Nobody is sent back what they sent, at any length.
    expect(text.length).toBeLessThan(8_000)
  })

  it('is there where subscriptions are not, and takes members that it does not know', async () => {
    const { url } = await startServer({ subscriptions: false })
    await createStream(url, { path: 'a', body: '1', headers: { 'stream-closed': 'true' } })
    const streams = [{ path: 'a', offset: '-1', cursor: 'x' }]
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' }
    const answer = await askMultiplexed(url, streams, { headers })
    expect(await answer.text()).toContain('data:[1]')
  })
})

describe('limits of multiplexed reads', () => {
  const wanted = (count: number, name = 'a'): { path: string; offset: string }[] =>
    Array.from({ length: count }, (_, i) => ({ path: `${name}${i}`, offset: 'now' }))

  it('a thousand streams with the longest of paths, and not one more', async () => {
    const { url } = await startServer()
    const long = wanted(1000, 'x'.repeat(1000)).map(({ path }) => ({
      path: path.padEnd(1024, 'y'),
      offset: '0'.repeat(16),
    }))
    const read = await openMultiplexed(url, long)
    const events = await read.rest()
    expect(events.map(({ id }) => id)).toEqual(long.map(({ path }) => path))
    const tooMany = await askMultiplexed(url, wanted(1001))
    expect(tooMany.status).toBe(413)
    expect(await tooMany.text()).toContain('1000')
  })

  it('as many as the option says, and a body that fits them', async () => {
    const { url } = await startServer({ maxMultiplexedStreams: 2 })
    expect((await askMultiplexed(url, wanted(2))).status).toBe(200)
    expect((await askMultiplexed(url, wanted(3))).status).toBe(413)
    const long = `{"pad":"${'p'.repeat(8000)}",${ONE.slice(1)}`
    const init = { method: 'POST', headers: JSON_TYPE, body: long }
    expect((await fetch(`${url}/__ds/live`, init)).status).toBe(413)
    const { url: small } = await startServer({ maxBodyBytes: 20 })
    expect((await askMultiplexed(small, wanted(1))).status).toBe(413)
  })

  it('each stream counts as a live reader: those past the limit are told to come back', async () => {
    const { url } = await startServer({ maxLiveReaders: 3 })
    for (const { path } of wanted(5)) await createStream(url, { path, body: '1' })
    const read = await openMultiplexed(url, wanted(5))
    for (const path of ['a0', 'a1', 'a2']) expect((await answerTo(read, path)).status).toBe(200)
    for (const path of ['a3', 'a4']) {
      const { status, headers } = await answerTo(read, path)
      expect([status, headers['retry-after']]).toEqual([503, '5'])
    }

    for (const query of ['sse', 'long-poll']) {
      expect((await fetch(`${url}/a0?offset=now&live=${query}`)).status).toBe(503)
    }
    expect((await askMultiplexed(url, wanted(1))).status).toBe(503)
    await read.close()
    await eventually(async () => {
      const again = await openMultiplexed(url, wanted(3))
      expect(again.response.status).toBe(200)
      expect(await answerTo(again, 'a2')).toMatchObject({ status: 200 })
    })
  })

  it('a stream that ended makes room for another reader', async () => {
    const { url } = await startServer({ maxLiveReaders: 2 })
    for (const { path } of wanted(2)) await createStream(url, { path })
    const read = await openMultiplexed(url, wanted(2))
    await read.read('a1')
    await fetch(`${url}/a0`, { method: 'DELETE' })
    await read.of('a0')
    while ((await read.of('a0'))?.event !== 'end');
    const other = await openMultiplexed(url, [{ path: 'a1', offset: 'now' }])
    expect(await answerTo(other, 'a1')).toMatchObject({ status: 200 })
  })

  it('the rate of requests counts it as one', async () => {
    const rateLimit = { requestsPerSecond: 0.01, burst: 2 }
    const { url } = await startServer({ rateLimit, now: () => Date.UTC(2030, 0, 1) })
    expect((await askMultiplexed(url, wanted(100))).status).toBe(200)
    expect((await askMultiplexed(url, wanted(100))).status).toBe(200)
    const third = await askMultiplexed(url, wanted(1))
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '100'])
  })

  it('a handler that closes takes no more', async () => {
    const handler = createFetchHandler()
    await handler.close()
    const ask = (request: Request): Promise<Response> => handler.fetch(request)
    const answer = await askMultiplexed('http://a/v1/stream', wanted(1), { fetch: ask })
    expect(answer.status).toBe(503)
  })
})

const PATHS = [
  'a',
  'b',
  'a/b',
  '',
  '/',
  'é',
  '%',
  '%zz',
  '%00',
  '..',
  'a?b',
  '__registry__',
  '__ds/x',
]
const ODD_PATHS = [
  '__proto__',
  'x'.repeat(1024),
  'x'.repeat(1025),
  '\ud800',
  '\u2028',
  'a\r\nid: b',
  '🦊',
]
const OFFSETS = [
  '-1',
  'now',
  '0'.repeat(16),
  '0'.repeat(15) + '2',
  '9'.repeat(400),
  '',
  ' ',
  '__proto__',
  '\n',
]
const VALUES = [null, 1, true, [], {}, ['a'], { path: 'a' }, 'a', '', -1, 1e300]

it('answers 3,000 multiplexed reads of the worst kind without a failure of its own', async () => {
  const onError = vi.fn<(error: unknown) => void>()
  const { url } = await startServer({ onError, sseLifetimeMs: 1, maxMultiplexedStreams: 20 })
  await createStream(url, { path: 'a', body: '[1]' })
  await createStream(url, { path: 'b', contentType: 'text/plain', body: 'x\r\ny' })
  const random = seededRandom(99)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const chance = (share: number): boolean => random() < share

  const entry = (): unknown => {
    if (chance(0.1)) return pick(VALUES)
    const path = chance(0.1)
      ? pick(VALUES)
      : pick(chance(0.7) ? PATHS.slice(0, 3) : [...PATHS, ...ODD_PATHS])
    const offset = chance(0.1) ? pick(VALUES) : pick(OFFSETS)
    return { path, ...(chance(0.95) && { offset }), ...(chance(0.1) && { __proto__: 1, x: 'y' }) }
  }
  const body = (): string => {
    const streams = chance(0.05) ? pick(VALUES) : Array.from({ length: 1 + random() * 3 }, entry)
    const text = JSON.stringify(chance(0.03) ? streams : { streams })
    if (chance(0.05)) return text.slice(0, random() * text.length)
    return chance(0.05) ? text.replace(/[a-z]/, '\xff') : text
  }
  const type = (): string =>
    chance(0.95) ? 'application/json' : pick(['', 'x', 'text/plain', 'application/json;;;', '\xff'])

  const statuses = new Map<number, number>()
  for (let i = 0; i < 100; i++) {
    const bodies = Array.from({ length: 30 }, body)
    const requests = bodies.map((text, at) => {
      const bytes = Buffer.from(text, chance(0.9) ? 'utf8' : 'latin1')
      const last = at === bodies.length - 1 ? 'connection: close\r\n' : ''
      const head = `POST /v1/stream/__ds/live HTTP/1.1\r\nhost: a\r\n${last}content-type: ${type()}\r\n`
      return `${head}content-length: ${bytes.length}\r\n\r\n${bytes.toString('latin1')}`
    })
    const answers = parseAnswers(await exchangeRaw(url, requests.join('')))
    expect(answers.length).toBe(requests.length)
    for (const [at, { status, headers, body: told }] of answers.entries()) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      const fault = status >= 500 || headers['x-content-type-options'] !== 'nosniff'
      expect([fault, requests[at]]).toEqual([false, requests[at]])
      if (status !== 200) continue
      // Nobody's path or offset makes a line of the answer.
      const lines = told.split('\n')
      expect(
        lines.filter((line) => !/^(:|event: \w+|id: [\w.~%/'()!*-]+|data:.*|)$/.test(line)),
      ).toEqual([])
    }
  }
  expect([...statuses.keys()].toSorted()).toEqual(
    [200, 400, 413, 414, 415].filter((s) => statuses.has(s)),
  )
  for (const status of [200, 400, 414, 415]) expect(statuses.get(status)).toBeGreaterThan(10)
  expect(onError).not.toHaveBeenCalled()
  await post(`${url}/a`, '2')
  expect(await (await fetch(`${url}/a`)).json()).toEqual([1, 2])
})
