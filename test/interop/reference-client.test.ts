import { DurableStream, IdempotentProducer, stream, type LiveMode } from '@durable-streams/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'

interface Event {
  n: number
}

async function makeStream(contentType = 'application/json'): Promise<DurableStream> {
  const { url } = await startServer()
  return DurableStream.create({ url: `${url}/events`, contentType })
}

/** Follows a stream until `count` items came. */
async function follow(
  url: string,
  live: LiveMode,
  offset: string,
  count: number,
): Promise<Event[]> {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const session = await stream<Event>({ url, live, offset, signal: controller.signal })
  session.closed.catch(() => undefined)
  return new Promise((resolve) => {
    const items: Event[] = []
    session.subscribeJson((batch) => {
      items.push(...batch.items)
      if (items.length >= count) resolve(items)
    })
  })
}

describe('the reference client', () => {
  it('creates, appends and reads everything back', async () => {
    const events = await makeStream()
    for (const n of [1, 2, 3]) await events.append(JSON.stringify({ n }))
    const session = await stream<Event>({ url: events.url, live: false })
    expect(await session.json()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(session.upToDate).toBe(true)
  })

  it('goes on from an offset that it kept', async () => {
    const events = await makeStream()
    await events.append('{"n":1}')
    const first = await stream<Event>({ url: events.url, live: false })
    await first.json()
    await events.append('{"n":2}')
    const second = await stream<Event>({ url: events.url, live: false, offset: first.offset })
    expect(await second.json()).toEqual([{ n: 2 }])
  })

  it.each<LiveMode>(['sse', 'long-poll'])('follows a stream live: %s', async (live) => {
    const events = await makeStream()
    await events.append('{"n":1}')
    const followed = follow(events.url, live, '-1', 4)
    for (const n of [2, 3, 4]) await events.append(JSON.stringify({ n }))
    expect(await followed).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }])
  })

  it.each<LiveMode>(['sse', 'long-poll'])('sees the end of a closed stream: %s', async (live) => {
    const events = await makeStream()
    await events.append('{"n":1}')
    const session = await stream<Event>({ url: events.url, live })
    const items: Event[] = []
    session.subscribeJson((batch) => void items.push(...batch.items))
    await events.close({ body: '{"n":2}' })
    await session.closed
    await eventually(() => expect(items).toEqual([{ n: 1 }, { n: 2 }]))
    expect(session.streamClosed).toBe(true)
  })

  it('carries binary data, live too', async () => {
    const bytes = await makeStream('application/octet-stream')
    await bytes.append(Uint8Array.of(0, 255, 10, 13))
    const session = await stream({ url: bytes.url, live: 'sse' })
    expect(await session.body()).toEqual(Uint8Array.of(0, 255, 10, 13))
  })

  it('writes exactly once as a producer, in order', async () => {
    const events = await makeStream()
    const producer = new IdempotentProducer(events, 'writer', { autoClaim: true })
    for (let n = 0; n < 200; n++) producer.append(JSON.stringify({ n }))
    await producer.flush()
    await producer.close()
    const session = await stream<Event>({ url: events.url, live: false })
    expect((await session.json()).map(({ n }) => n)).toEqual(
      Array.from({ length: 200 }, (_, n) => n),
    )
  })

  it('describes and deletes', async () => {
    const events = await makeStream()
    expect(await events.head()).toMatchObject({ exists: true, contentType: 'application/json' })
    await events.delete()
    await expect(stream({ url: events.url, live: false })).rejects.toMatchObject({ status: 404 })
  })
})
