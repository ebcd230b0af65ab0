import { describe, expect, it } from 'vitest'
import { DurableStream, stream, StreamClosedError } from '../../src/core/index.ts'
import { eventually } from '../support/eventually.ts'
import { SERVERS } from '../support/servers.ts'
import { appends } from '../support/live-reads.ts'

describe.each(SERVERS)('our client on $name', ({ start }) => {
  it('reads what it wrote, message by message', async () => {
    const url = `${await start()}/a`
    const writer = await DurableStream.create({ url, contentType: 'application/json' })
    await writer.append({ text: 'é🙂' })
    await writer.append('"a string is JSON text"')
    await writer.append([1, [2]])
    await writer.appendAll([null, true])

    const response = await stream({ url, live: false })
    expect(await response.json()).toEqual([
      { text: 'é🙂' },
      'a string is JSON text',
      [1, [2]],
      null,
      true,
    ])
    expect(response.upToDate).toBe(true)
  })

  it('joins appends of one turn into one request, in order', async () => {
    const url = `${await start()}/a`
    let requests = 0
    const counting: typeof fetch = (...args) => (requests++, fetch(...args))
    const writer = await DurableStream.create({
      url,
      contentType: 'application/json',
      fetch: counting,
    })

    requests = 0
    await Promise.all(Array.from({ length: 100 }, (_, n) => writer.append({ n })))

    expect(requests).toBeLessThanOrEqual(2)
    const stored = await (await stream<{ n: number }>({ url, live: false })).json()
    expect(stored.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })

  it.each(['sse', 'long-poll'] as const)(
    'follows by %s and ends when it is closed',
    async (live) => {
      const url = `${await start()}/a`
      const writer = await DurableStream.create<number>({ url, contentType: 'application/json' })
      await writer.append(1)
      const response = await writer.stream({ live })
      const seen: number[] = []
      response.subscribeJson(({ items }) => seen.push(...items))

      await eventually(() => expect(seen).toEqual([1]))
      await writer.append(2)
      await eventually(() => expect(seen).toEqual([1, 2]))
      await writer.close(3)
      await response.closed

      expect(seen).toEqual([1, 2, 3])
      expect(response.streamClosed).toBe(true)
    },
  )

  it.each(['sse', 'long-poll'] as const)('resumes by %s where it left off', async (live) => {
    const url = `${await start()}/a`
    const writer = await DurableStream.create<number>({ url, contentType: 'application/json' })
    await writer.append(1)
    const { offset } = await writer.read()
    await writer.append(2)
    await writer.close()

    const items: number[] = []
    for await (const item of writer.json({ offset, live })) items.push(item)
    expect(items).toEqual([2])
  })

  it('keeps bytes as they are, by every way of reading', async () => {
    const url = `${await start()}/a`
    const bytes = Uint8Array.from({ length: 1000 }, (_, n) => n % 256)
    const writer = await DurableStream.create({ url, contentType: 'application/octet-stream' })
    await writer.append(bytes)
    await writer.close()

    expect((await writer.read()).data).toEqual(bytes)
    for (const live of ['sse', 'long-poll'] as const) {
      expect(await (await stream({ url, live })).body()).toEqual(bytes)
    }
  })

  it('reads text as a stream of text', async () => {
    const url = `${await start()}/a`
    const writer = await DurableStream.create({ url, contentType: 'text/plain' })
    await writer.append('hello, ')
    await writer.append('wörld\nand more')
    await writer.close()

    let text = ''
    for await (const chunk of (await stream({ url })).textStream()) text += chunk
    expect(text).toBe('hello, wörld\nand more')
  })

  it('says what a stream is, and deletes it', async () => {
    const url = `${await start()}/a`
    const created = await DurableStream.create({ url, contentType: 'application/json' })
    await created.append({})

    const info = await DurableStream.head({ url })
    expect(info).toMatchObject({ contentType: 'application/json', closed: false })
    expect(info.offset).toBe((await created.read()).offset)

    await DurableStream.delete({ url })
    await expect(DurableStream.connect({ url })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('names the stream that is not there, and the way out', async () => {
    const url = `${await start()}/nobody-made-me`
    await expect(stream({ url })).rejects.toThrow(/nobody-made-me.*404.*create it/)
    await expect(new DurableStream({ url }).append({})).rejects.toMatchObject({ code: 'not-found' })
  })

  it('refuses to append to a closed stream, with its final offset', async () => {
    const url = `${await start()}/a`
    const writer = await DurableStream.create({ url, contentType: 'application/json' })
    await writer.close({ last: true })
    const { offset } = await writer.head()

    const append = writer.append({ late: true })
    await expect(append).rejects.toBeInstanceOf(StreamClosedError)
    await expect(append).rejects.toMatchObject({ code: 'closed', offset })
  })

  it('refuses to make a stream that exists with another content type', async () => {
    const url = `${await start()}/a`
    await DurableStream.create({ url, contentType: 'application/json' })
    const again = DurableStream.create({ url, contentType: 'text/plain' })
    await expect(again).rejects.toMatchObject({ code: 'conflict', status: 409 })
  })

  it('stores once what it had to send twice', async () => {
    const url = `${await start()}/a`
    let losses = 0
    // Every other answer is lost after the server acted on the request.
    const lossy: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (appends(input, init) && losses++ % 2 === 0) throw new TypeError('connection reset')
      return response
    }
    const backoff = { firstDelayMs: 1 }
    const writer = await DurableStream.create<number>({
      url,
      contentType: 'application/json',
      fetch: lossy,
      backoff,
    })

    for (let n = 0; n < 20; n++) await writer.append(n)

    expect(losses).toBeGreaterThan(20)
    const stored = await (await stream<number>({ url, live: false })).json()
    expect(stored).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })
})
