import { expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { memoryStorage } from '../../dev-server/index.ts'
import { openEvents } from '../support/events.ts'
import { createStream, post, startServer } from '../support/server.ts'

/** A server whose clock moves only by hand, and a stream on it that expires. */
async function expiringStream(headers: Record<string, string>) {
  let clock = Date.UTC(2030, 0, 1)
  const storage = memoryStorage()
  const { url } = await startServer({ storage, now: () => clock })
  const stream = await createStream(url, { headers })
  return {
    stream,
    storage,
    url,
    pass: (seconds: number) => void (clock += seconds * 1000),
    status: async (init?: RequestInit, query = '') => (await fetch(stream + query, init)).status,
  }
}

it('an unused stream is gone when its TTL is over, and its memory is freed', async () => {
  const { pass, status, storage } = await expiringStream({ 'stream-ttl': '60' })
  pass(59.999)
  expect(await status({ method: 'HEAD' })).toBe(200)
  pass(0.001)
  expect(await status({ method: 'HEAD' })).toBe(404)
  expect((await storage.list('', 10)).map(({ path }) => path)).toEqual(['__registry__'])
})

it.each<[string, (stream: string) => Promise<unknown>]>([
  ['a read', (stream) => fetch(stream)],
  ['a read from now', (stream) => fetch(`${stream}?offset=now`)],
  ['an append', (stream) => post(stream, '1')],
  ['a close', (stream) => fetch(stream, { method: 'POST', headers: { 'stream-closed': 'true' } })],
])('%s lets the TTL start over', async (_name, use) => {
  const { stream, pass, status } = await expiringStream({ 'stream-ttl': '60' })
  pass(59)
  await use(stream)
  pass(59)
  expect(await status()).toBe(200)
})

it('a HEAD does not let the TTL start over', async () => {
  const { pass, status } = await expiringStream({ 'stream-ttl': '60' })
  pass(59)
  expect(await status({ method: 'HEAD' })).toBe(200)
  pass(1)
  expect(await status()).toBe(404)
})

it('a stream with a connected reader does not expire', async () => {
  const { stream, storage, pass, status } = await expiringStream({ 'stream-ttl': '1' })
  const events = await openEvents(`${stream}?offset=-1&live=sse`)
  await events.nextControl()
  const usedAt = async (): Promise<unknown> => {
    const { expiry } = (await storage.read('a', 0, 0))!.record
    return expiry.kind === 'sliding' && expiry.usedAt
  }
  const before = await usedAt()
  pass(0.9)
  await eventually(async () => expect(await usedAt()).not.toBe(before))
  pass(0.9)
  expect(await status()).toBe(200)
})

it('a moment of expiry is not moved by use, and its path is free afterwards', async () => {
  const at = '2030-01-01T00:01:00Z'
  const { pass, status, url, stream } = await expiringStream({ 'stream-expires-at': at })
  expect((await fetch(stream, { method: 'HEAD' })).headers.get('stream-expires-at')).toBe(at)
  pass(59)
  expect(await status()).toBe(200)
  pass(1)
  expect(await status({}, '?offset=-1&live=long-poll')).toBe(404)
  expect(await status({ method: 'DELETE' })).toBe(404)
  await createStream(url, { body: '["another"]' })
})
