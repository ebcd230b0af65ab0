import { describe, expect, it, vi } from 'vitest'
import { clientNetwork } from '../../dev-server/http/client-address.ts'
import { createRateLimit, type RateLimitOptions } from '../../dev-server/http/rate-limit.ts'
import type { Exchange } from '../../dev-server/http/exchange.ts'
import { createStream, post, startServer } from '../support/server.ts'

/** Asks a limiter at times of the test's choice; gives the seconds to wait, or 0. */
function limiter(options: RateLimitOptions): {
  at: (ms: number) => void
  ask: (address: string) => number
  onError: ReturnType<typeof vi.fn>
} {
  let now = 0
  const onError = vi.fn<(error: unknown) => void>()
  const limit = createRateLimit(options, () => now, onError)
  return {
    at: (ms) => void (now = ms),
    ask(address) {
      const request = (): Request => new Request('http://a', { headers: { 'x-user': address } })
      const answer = limit({ address, request } as Exchange)
      return Number(answer?.headers!['retry-after'] ?? 0)
    },
    onError,
  }
}

it('lets a burst through, then says how long to wait, and lets in who waited', () => {
  const { at, ask } = limiter({ requestsPerSecond: 0.5, burst: 3 })
  expect([ask('a'), ask('a'), ask('a'), ask('a')]).toEqual([0, 0, 0, 2])
  at(1_000)
  expect(ask('a')).toBe(1)
  at(2_000)
  expect([ask('a'), ask('a')]).toEqual([0, 2])
})

it('gives back no more than the burst after a long rest, and takes nothing when the clock goes back', () => {
  const { at, ask } = limiter({ requestsPerSecond: 1, burst: 2 })
  at(1e9)
  expect([ask('a'), ask('a'), ask('a')]).toEqual([0, 0, 1])
  at(0)
  expect(ask('a')).toBe(1)
  at(1_000)
  expect(ask('a')).toBe(0)
})

it('tells clients apart', () => {
  const { ask } = limiter({ requestsPerSecond: 1, burst: 1 })
  expect([ask('10.0.0.1'), ask('10.0.0.1'), ask('10.0.0.2')]).toEqual([0, 1, 0])
  expect([ask('2001:db8::1'), ask('2001:db8::2'), ask('2001:db8:0:1::1')]).toEqual([0, 1, 0])
})

it('forgets those who asked longest ago when there are too many to remember', () => {
  const { ask } = limiter({ requestsPerSecond: 1, burst: 1 })
  const addresses = Array.from({ length: 10_001 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
  for (const address of addresses) ask(address)
  expect(ask(addresses.at(-1)!)).toBe(1)
  expect(ask(addresses[0]!)).toBe(0)
})

it('goes by the address if the rule that tells clients apart fails, and reports that', () => {
  const { ask, onError } = limiter({
    requestsPerSecond: 1,
    burst: 1,
    clientOf() {
      throw new Error('no session')
    },
  })
  expect([ask('a'), ask('a'), ask('b')]).toEqual([0, 1, 0])
  expect(onError).toHaveBeenCalledTimes(3)
})

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8::0001', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('counts %s as %s', (address, network) => {
  expect(clientNetwork(address)).toBe(network)
})

describe('a server with a rate limit', () => {
  it('answers 429 with the time to wait, which pages of other origins may read', async () => {
    const { url } = await startServer({ rateLimit: { requestsPerSecond: 0.01, burst: 2 } })
    const stream = await createStream(url)
    expect((await post(stream, '1')).status).toBe(204)
    const refused = await post(stream, '2')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('access-control-expose-headers')).toContain('retry-after')
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
    // What a browser asks by itself is not counted.
    expect((await fetch(stream, { method: 'OPTIONS' })).status).toBe(204)
  })

  it('tells clients apart as it is told to', async () => {
    const clientOf = (request: Request): string => request.headers.get('x-forwarded-for') ?? ''
    const { url } = await startServer({
      rateLimit: { requestsPerSecond: 0.01, burst: 1, clientOf },
    })
    const ask = async (client: string): Promise<number> =>
      (await fetch(`${url}/a`, { headers: { 'x-forwarded-for': client } })).status
    expect([await ask('x'), await ask('x'), await ask('y')]).toEqual([404, 429, 404])
  })
})
