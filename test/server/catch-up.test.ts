import { describe, expect, it } from 'vitest'
import { createStream, post, startServer } from '../support/server.ts'

const MIB = 1024 * 1024

/** Reads page after page; gives each page's bytes and the offsets on the way. */
async function readPages(stream: string): Promise<{ pages: Buffer[]; answers: Response[] }> {
  const pages: Buffer[] = []
  const answers: Response[] = []
  let offset = '-1'
  do {
    const answer = await fetch(`${stream}?offset=${offset}`)
    expect(answer.status).toBe(200)
    pages.push(Buffer.from(await answer.arrayBuffer()))
    answers.push(answer)
    offset = answer.headers.get('stream-next-offset')!
  } while (!answers.at(-1)!.headers.has('stream-up-to-date'))
  return { pages, answers }
}

describe('catching up', () => {
  it('gives JSON messages back as they were written, in one array', async () => {
    const { url } = await startServer()
    const stream = await createStream(url)
    await post(stream, '{"id": 12345678901234567890, "id":1e400}')
    await post(stream, '[ "a,b\\u00e9" , [1,\n2] ]')
    const text = await (await fetch(stream)).text()
    expect(text).toBe('[{"id": 12345678901234567890, "id":1e400},\n"a,b\\u00e9",\n[1, 2]]')
  })

  it('pages through a long JSON stream without cutting a message', async () => {
    const { url } = await startServer()
    const stream = await createStream(url)
    const messages = Array.from({ length: 300 }, (_, id) => ({ id, pad: 'x'.repeat(9_000 + id) }))
    for (let i = 0; i < 300; i += 100)
      await post(stream, JSON.stringify(messages.slice(i, i + 100)))
    const { pages, answers } = await readPages(stream)
    expect(pages.length).toBeGreaterThan(2)
    expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(MIB + 2)
    expect(pages.flatMap((page) => JSON.parse(page.toString()) as unknown[])).toEqual(messages)
    const offsets = answers.map(({ headers }) => headers.get('stream-next-offset')!)
    expect([...offsets].sort()).toEqual(offsets)
  })

  it('gives a message that is longer than a page in one piece', async () => {
    const { url } = await startServer()
    const stream = await createStream(url)
    await post(stream, JSON.stringify(['x'.repeat(3 * MIB), 'next']))
    const { pages } = await readPages(stream)
    expect(
      pages.flatMap((page) => JSON.parse(page.toString()) as string[]).map((m) => m.length),
    ).toEqual([3 * MIB, 4])
  })

  it('pages through text without cutting a character', async () => {
    const { url } = await startServer()
    const headers = { 'content-type': 'text/plain' }
    const stream = await createStream(url, { contentType: 'text/plain' })
    const text = 'a' + '€😀'.repeat(250_000)
    await post(stream, text, headers)
    const { pages } = await readPages(stream)
    expect(pages.length).toBeGreaterThan(1)
    expect(
      pages.map((page) => new TextDecoder('utf-8', { fatal: true }).decode(page)).join(''),
    ).toBe(text)
  })

  it('gives binary data back byte by byte', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { contentType: 'application/octet-stream' })
    const data = Uint8Array.from({ length: 2 * MIB + 3 }, (_, i) => (i * 7) % 256)
    await post(stream, data, { 'content-type': 'application/octet-stream' })
    expect(Buffer.concat((await readPages(stream)).pages).equals(data)).toBe(true)
  })

  it('says when a closed stream is read to its end', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '[1,2]', headers: { 'stream-closed': 'true' } })
    const answer = await fetch(stream)
    expect(answer.headers.get('stream-closed')).toBe('true')
    expect(await answer.json()).toEqual([1, 2])
  })

  it('costs no body when the reader has it already, until something is added', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '1' })
    const etag = (await fetch(stream)).headers.get('etag')!
    const again = (): Promise<Response> => fetch(stream, { headers: { 'if-none-match': etag } })
    expect((await again()).status).toBe(304)
    await post(stream, '2')
    const changed = await again()
    expect(changed.status).toBe(200)
    expect(await changed.json()).toEqual([1, 2])
  })

  it('costs a body again once the stream is closed: that is news', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '1' })
    const etag = (await fetch(stream)).headers.get('etag')!
    await post(stream, null, { 'stream-closed': 'true' })
    const answer = await fetch(stream, { headers: { 'if-none-match': etag } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('stream-closed')).toBe('true')
  })

  it('never takes a stream for its predecessor at the same path', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '1' })
    const etag = (await fetch(stream)).headers.get('etag')!
    await fetch(stream, { method: 'DELETE' })
    await createStream(url, { body: '2' })
    const answer = await fetch(stream, { headers: { 'if-none-match': etag } })
    expect(await answer.json()).toEqual([2])
  })
})

describe('an offset', () => {
  it.each(['', 'abc', '5', '-2', '00000000000000001', '0x00000000000010', '1e15'])(
    'that no server of ours made is refused: %j',
    async (offset) => {
      const { url } = await startServer()
      const stream = await createStream(url)
      const answer = await fetch(`${stream}?offset=${offset}`)
      expect(answer.status).toBe(400)
      expect(await answer.text()).toContain(`\\"${offset}\\" is not an offset`)
    },
  )

  it('within a message is refused', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '["abc","def"]' })
    for (const live of ['', '&live=long-poll', '&live=sse']) {
      const answer = await fetch(`${stream}?offset=0000000000000003${live}`)
      expect(answer.status).toBe(400)
      expect(await answer.text()).toContain('0000000000000003 is within a message')
    }
  })

  it('past the tail is gone: the data it stood for is not here', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '1' })
    for (const live of ['', '&live=long-poll', '&live=sse']) {
      const answer = await fetch(`${stream}?offset=0000000000000099${live}`)
      expect(answer.status).toBe(410)
      expect(answer.headers.get('stream-next-offset')).toBe('0000000000000003')
      expect(await answer.text()).toContain('past the tail')
    }
  })

  it('"now" skips what is stored and is never cached', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '1' })
    const answer = await fetch(`${stream}?offset=now`)
    expect(await answer.json()).toEqual([])
    expect(answer.headers.get('stream-next-offset')).toBe('0000000000000003')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })
})
