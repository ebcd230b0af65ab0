import { describe, expect, it } from 'vitest'
import {
  DurableStream,
  ExpectedOffsetError,
  SeqConflictError,
  stream,
} from '../../src/core/index.ts'
import { scriptedFetch } from '../support/scripted-fetch.ts'
import { startServer } from '../support/server.ts'
import { SERVERS } from '../support/servers.ts'

const json = { contentType: 'application/json' }
const backoff = { firstDelayMs: 1, maxDelayMs: 2 }
const read = async (url: string): Promise<unknown[]> => (await stream({ url, live: false })).json()

it('appends only where the stream ends as expected, and tells where it ends if it does not', async () => {
  const { url } = await startServer()
  const writer = await DurableStream.create<number>({ url: `${url}/a`, ...json })
  const { offset: expectedOffset } = await writer.append(1)
  const { offset } = await writer.append(2, { expectedOffset })

  const late = writer.append(3, { expectedOffset })
  await expect(late).rejects.toBeInstanceOf(ExpectedOffsetError)
  await expect(late).rejects.toMatchObject({
    code: 'conflict',
    status: 409,
    expectedOffset,
    offset,
  })
  await writer.append(4, { expectedOffset: offset })
  expect(await read(`${url}/a`)).toEqual([1, 2, 4])
})

it('lets exactly one of many win who append at the same end', async () => {
  const { url } = await startServer()
  const { offset: expectedOffset } = await (
    await DurableStream.create({ url: `${url}/a`, ...json })
  ).head()
  const outcomes = await Promise.allSettled(
    [1, 2, 3, 4, 5].map((n) =>
      new DurableStream({ url: `${url}/a`, ...json }).append(n, { expectedOffset }),
    ),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await read(`${url}/a`)).toHaveLength(1)
})

it('is not refused by itself when the answer to a conditional append was lost', async () => {
  const { url } = await startServer()
  const { fetch, bodies } = scriptedFetch('reply-lost', 'reply-lost')
  const writer = await DurableStream.create({ url: `${url}/a`, ...json, fetch, backoff })
  const { offset: expectedOffset } = await writer.head()
  await writer.append(1, { expectedOffset, seq: 'a' })
  expect(bodies).toHaveLength(3)
  expect(await read(`${url}/a`)).toEqual([1])
})

it('sends a conditional append by itself, in its place, and takes no neighbour along', async () => {
  const { url } = await startServer()
  const { fetch, bodies } = scriptedFetch()
  const writer = await DurableStream.create({ url: `${url}/a`, ...json, fetch })
  const { offset: expectedOffset } = await writer.append(0)
  const outcomes = await Promise.allSettled([
    writer.append(1),
    writer.append(2),
    writer.append(3, { expectedOffset }),
    writer.append(4),
  ])
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([true, true, false, true])
  expect(bodies).toEqual(['[0]', '[1,2]', '[3]', '[4]'])
})

describe.each(SERVERS)('on $name', ({ start }) => {
  it('a seq that is not greater than the last is refused by name', async () => {
    const url = `${await start()}/a`
    const writer = await DurableStream.create({ url, ...json })
    await writer.append(1, { seq: 'b' })
    const late = writer.append(2, { seq: 'a' })
    await expect(late).rejects.toBeInstanceOf(SeqConflictError)
    await expect(late).rejects.toMatchObject({ code: 'conflict', seq: 'a' })
    await writer.append(3, { seq: 'c' })
    expect(await read(url)).toEqual([1, 3])
  })

  it('another content type is not taken for a conflict of seq', async () => {
    const url = `${await start()}/a`
    await DurableStream.create({ url, ...json })
    const writer = new DurableStream({ url, contentType: 'text/plain' })
    const refused = writer.append('x', { seq: 'a' })
    await expect(refused).rejects.toMatchObject({ name: 'DurableStreamError', code: 'conflict' })
  })
})

it('a conflict of seq carries the end of the stream', async () => {
  const { url } = await startServer()
  const writer = await DurableStream.create({ url: `${url}/a`, ...json })
  const { offset } = await writer.append(1, { seq: 'b' })
  await expect(writer.append(2, { seq: 'a' })).rejects.toMatchObject({ offset })
})
