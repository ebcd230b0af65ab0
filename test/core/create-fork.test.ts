import { describe, expect, it } from 'vitest'
import { DurableStream, stream } from '../../src/core/index.ts'
import { startServer } from '../support/server.ts'
import { SERVERS } from '../support/servers.ts'

const json = { contentType: 'application/json' }
const read = async (url: string): Promise<unknown[]> => (await stream({ url, live: false })).json()

describe.each(SERVERS)('on $name', ({ start }) => {
  it('makes a stream with its first content', async () => {
    const url = `${await start()}/a`
    const made = await DurableStream.create({ url, ...json, body: [{ n: 1 }, { n: 2 }] })
    expect(await read(url)).toEqual([{ n: 1 }, { n: 2 }])
    await made.append({ n: 3 })
    expect(await read(url)).toHaveLength(3)
  })

  it('makes a stream closed, with all its content', async () => {
    const url = `${await start()}/a`
    const options = { url, contentType: 'text/plain', body: 'all of it', closed: true }
    const made = await DurableStream.create(options)
    expect(await made.head()).toMatchObject({ contentType: 'text/plain', closed: true })
    expect(await (await stream({ url, live: false })).text()).toBe('all of it')
    await expect(made.append('more')).rejects.toMatchObject({ name: 'StreamClosedError' })
  })

  it('finds a stream that was made the same way, and refuses one that was made another way', async () => {
    const url = `${await start()}/a`
    const options = { url, ...json, ttlSeconds: 60 }
    await DurableStream.create(options)
    await DurableStream.create(options)
    await expect(DurableStream.create({ ...options, ttlSeconds: 61 })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('tells that two kinds of expiry do not go together', async () => {
    const url = `${await start()}/a`
    const options = { url, ...json, ttlSeconds: 60, expiresAt: new Date(Date.now() + 60_000) }
    await expect(DurableStream.create(options)).rejects.toMatchObject({ code: 'bad-request' })
  })

  it('forks a stream at its end: both go on alone', async () => {
    const url = await start()
    const source = await DurableStream.create<number>({ url: `${url}/a`, ...json, body: [1, 2] })
    const fork = await source.fork(`${url}/b`)
    await fork.append(3)
    await source.append(4)
    expect(fork.url).toBe(`${url}/b`)
    expect(await read(fork.url)).toEqual([1, 2, 3])
    expect(await read(source.url)).toEqual([1, 2, 4])
  })

  it('forks a stream at an offset, and so many messages past it', async () => {
    const url = await start()
    const source = await DurableStream.create<number>({ url: `${url}/a`, ...json })
    const { offset: forkOffset } = await source.append(1)
    await source.appendAll([2, 3, 4])
    const at = await DurableStream.fork({ url: `${url}/b`, forkedFrom: source.url, forkOffset })
    expect(await read(at.url)).toEqual([1])
    const past = await source.fork({ url: `${url}/c`, forkOffset, forkSubOffset: 2 })
    expect(await read(past.url)).toEqual([1, 2, 3])
  })

  it('says that there is nothing to fork', async () => {
    const url = await start()
    const fork = DurableStream.fork({ url: `${url}/b`, forkedFrom: `${url}/none` })
    await expect(fork).rejects.toMatchObject({ code: 'not-found' })
  })
})

it('gives a stream an end, by a time or by its use', async () => {
  let now = Date.now()
  const { url } = await startServer({ now: () => now })
  const expiresAt = new Date(now + 60_000)
  const byTime = await DurableStream.create({ url: `${url}/a`, ...json, expiresAt })
  const byUse = await DurableStream.create({ url: `${url}/b`, ...json, ttlSeconds: 60 })
  now += 40_000
  await byUse.append(1)
  now += 40_000
  await expect(byTime.head()).rejects.toMatchObject({ code: 'not-found' })
  await byUse.head()
})

it('forks with the headers and the fetch of its source', async () => {
  const { url } = await startServer()
  const seen: (string | null)[] = []
  const source = await DurableStream.create({
    url: `${url}/a`,
    ...json,
    headers: { authorization: 'Bearer x' },
    fetch: (input, init) => {
      seen.push(new Headers(init?.headers).get('authorization'))
      return fetch(input, init)
    },
  })
  const fork = await source.fork({ url: `${url}/b`, ttlSeconds: 60 })
  await fork.append(1)
  expect(seen).toEqual(['Bearer x', 'Bearer x', 'Bearer x'])
})
