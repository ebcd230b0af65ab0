import { expect, it } from 'vitest'
import { DurableStream, stream, type StreamResponse } from '../../src/core/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'

async function numbers(...values: number[]): Promise<DurableStream<number>> {
  const { url } = await startServer()
  const made = await DurableStream.create<number>({
    url: `${url}/numbers`,
    contentType: 'application/json',
  })
  for (const value of values) await made.append(value)
  return made
}

it('ends at the present with json(), even when it is live', async () => {
  const made = await numbers(1, 2)
  expect(await (await made.stream({ live: true })).json()).toEqual([1, 2])
})

it('moves its offset past the items of a stream only once they were taken', async () => {
  const made = await numbers(1, 2)
  const { offset: end } = await made.head()
  const response = await made.stream({ live: false })
  const reader = response.jsonStream().getReader()

  expect((await reader.read()).value).toBe(1)
  expect(response.offset).toBe('-1')
  expect((await reader.read()).value).toBe(2)
  expect((await reader.read()).done).toBe(true)
  expect(response.offset).toBe(end)
})

it('waits for a slow subscriber before it reads on', async () => {
  const made = await numbers(1)
  const response = await made.stream()
  const seen: number[][] = []
  let release!: () => void
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  response.subscribeJson(async ({ items }) => {
    if (items.length > 0) seen.push([...items])
    await gate
  })
  await eventually(() => expect(seen).toEqual([[1]]))
  await made.append(2)
  await made.append(3)
  expect(seen).toEqual([[1]])
  release()
  await eventually(() => expect(seen.flat()).toEqual([1, 2, 3]))
  response.cancel()
})

it('tells what a subscriber threw, and reads no further', async () => {
  const made = await numbers(1)
  const response = await made.stream()
  response.subscribeJson(() => {
    throw new Error('my own mistake')
  })
  await expect(response.closed).rejects.toThrow('my own mistake')
})

it('leaves nobody an unhandled rejection when nobody asks how it ended', async () => {
  const made = await numbers(1)
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  const response = await made.stream()
  response.subscribeJson(() => Promise.reject(new Error('ignored')))
  await response.closed.catch(() => undefined)
  await new Promise(setImmediate)
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

it('stops calling back when it is cancelled', async () => {
  const made = await numbers(1)
  const response = await made.stream()
  const seen: number[] = []
  const unsubscribe = response.subscribeJson(({ items }) => seen.push(...items))
  await eventually(() => expect(seen).toEqual([1]))
  unsubscribe()
  await response.closed
  await made.append(2)
  await made.read()
  expect(seen).toEqual([1])
})

it('ends without a request when the signal was aborted before', async () => {
  const made = await numbers(1)
  let requests = 0
  const counting: typeof fetch = (...args) => (requests++, fetch(...args))
  const signal = AbortSignal.abort(new Error('too late'))
  await expect(stream({ url: made.url, signal, fetch: counting })).rejects.toThrow('too late')
  expect(requests).toBe(0)
})

it('can be read once, and says how to read again', async () => {
  const made = await numbers(1)
  const response = await made.stream({ live: false })
  await response.json()
  await expect(response.text()).rejects.toThrow('call stream() again')
  expect(() => response.textStream()).toThrow(made.url)
  expect(() => response.subscribeJson(() => undefined)).toThrow(made.url)
})

it('reads 300,000 items at once', async () => {
  const made = await numbers()
  const items = Array.from({ length: 300_000 }, (_, n) => n)
  for (let at = 0; at < items.length; at += 100_000) {
    await made.appendAll(items.slice(at, at + 100_000))
  }
  expect(await (await made.stream({ live: false })).json()).toEqual(items)
})

/** Pages of a stream that was made before, and how many were asked for. */
function pagesOf(
  contentType: string,
  bodies: readonly (BodyInit | undefined)[],
): { url: string; fetch: typeof fetch; asked: () => number } {
  let asked = 0
  const url = 'http://pages.test/stream'
  const answer = async (input: RequestInfo | URL): Promise<Response> => {
    asked++
    const offset = new URL(input as string).searchParams.get('offset')!
    const at = offset === '-1' ? 0 : Number(offset)
    const body = bodies[at]
    const isLast = at + 1 >= bodies.length
    const headers = {
      'content-type': contentType,
      'stream-next-offset': `${at + 1}`,
      ...(isLast && { 'stream-up-to-date': 'true', 'stream-closed': 'true' }),
    }
    return body === undefined ? new Response('', { status: 403 }) : new Response(body, { headers })
  }
  return { url, fetch: answer, asked: () => asked }
}

const JSON_TYPE = 'application/json'

it('leaves the offset where it was when json() fails halfway, since nothing was handed over', async () => {
  const response = await stream(pagesOf(JSON_TYPE, ['[1]', '[2]', undefined, '[4]']))
  await expect(response.json()).rejects.toMatchObject({ status: 403 })
  expect(response.offset).toBe('-1')
  await expect(response.closed).rejects.toMatchObject({ status: 403 })
})

it.each([
  [
    'throws',
    () => {
      throw new Error('mine')
    },
  ],
  ['rejects', () => Promise.reject(new Error('mine'))],
])('goes back to before the batch at which a callback %s', async (_, fail) => {
  const pages = pagesOf(JSON_TYPE, ['[1]', '[2]', '[3]', '[4]'])
  const response = await stream<number>(pages)
  response.subscribeJson(({ items }) => (items[0] === 3 ? fail() : undefined))
  // As soon as the failure is told of: whoever saves the offset then resumes there.
  const saved = await response.closed.catch(() => response.offset)
  expect(saved).toBe('2')
  await expect(response.closed).rejects.toThrow('mine')
  expect(pages.asked()).toBe(3)
})

it('has moved past the batch in whose callback it is cancelled, and calls back no more', async () => {
  const pages = pagesOf(JSON_TYPE, ['[1]', '[2]', '[3]'])
  const response = await stream<number>(pages)
  const seen: number[] = []
  response.subscribeJson(({ items }) => {
    seen.push(...items)
    if (seen.length === 2) response.cancel()
  })
  await response.closed
  expect(response.offset).toBe('2')
  await new Promise(setImmediate)
  expect(seen).toEqual([1, 2])
  expect(pages.asked()).toBe(2)
})

it('gives nothing, and asks for nothing, once it is cancelled, however often', async () => {
  const pages = pagesOf(JSON_TYPE, ['[1]', '[2]'])
  const response = await stream<number>(pages)
  response.cancel(new Error('enough'))
  response.cancel()
  await response.closed
  await expect(response.json()).rejects.toThrow('enough')
  expect(response.offset).toBe('-1')
  expect(pages.asked()).toBe(1)
})

it('tells `closed` of a signal that aborts while nobody reads', async () => {
  const controller = new AbortController()
  const pages = pagesOf(JSON_TYPE, ['[1]', '[2]'])
  const response = await stream({ ...pages, signal: controller.signal })
  controller.abort(new Error('leaving'))
  await response.closed
  await expect(response.jsonStream().getReader().read()).rejects.toThrow('leaving')
})

it('ends with the loop over its batches, after the batch that was handed over', async () => {
  const pages = pagesOf(JSON_TYPE, ['[1]', '[2]', '[3]'])
  const response = await stream<number>(pages)
  for await (const { items } of response.jsonBatches()) if (items.includes(2)) break
  await response.closed
  expect(response.offset).toBe('2')
  expect(pages.asked()).toBe(2)
})

it('reads no more than the page that is asked for, whatever the pace of the reader', async () => {
  const pages = pagesOf('application/octet-stream', ['a', 'b', 'c', 'd', 'e'])
  const response = await stream(pages)
  const reader = response.bodyStream().getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('a')
  await new Promise(setImmediate)
  expect(pages.asked()).toBe(1)
  await reader.read()
  await new Promise(setImmediate)
  expect(pages.asked()).toBe(2)
  await reader.cancel()
  await response.closed
  expect(pages.asked()).toBe(2)
})

it('puts together a character that two pages share', async () => {
  const [c3, a9] = [new Uint8Array([0x63, 0xc3]), new Uint8Array([0xa9, 0x21])]
  const pages = pagesOf('text/plain', [c3, a9])
  expect(await (await stream(pages)).text()).toBe('cé!')

  const chunks: string[] = []
  for await (const chunk of (await stream(pages)).textStream()) chunks.push(chunk)
  expect(chunks).toEqual(['c', 'é!'])

  const heard: string[] = []
  const response = await stream(pages)
  response.subscribeText(({ text, offset }) => heard.push(`${offset}:${text}`))
  await response.closed
  expect(heard).toEqual(['1:c', '2:é!'])
})

it('gives the same bytes by every way of reading bytes', async () => {
  const pages = pagesOf('application/octet-stream', ['ab', '', 'c'])
  const whole = new TextEncoder().encode('abc')
  expect(await (await stream(pages)).body()).toEqual(whole)

  const chunks: Uint8Array[] = []
  for await (const chunk of (await stream(pages)).bodyStream()) chunks.push(chunk)
  expect(chunks.map(({ length }) => length)).toEqual([2, 1])

  const heard: number[] = []
  const response = await stream(pages)
  response.subscribeBytes(({ data }) => heard.push(...data))
  await response.closed
  expect(heard).toEqual([...whole])
})

it('streams every item of a large page, in order', async () => {
  const items = Array.from({ length: 80_000 }, (_, n) => n)
  const { url, fetch } = pagesOf(JSON_TYPE, [JSON.stringify(items), '["end"]'])
  const seen: unknown[] = []
  for await (const item of (await stream({ url, fetch })).jsonStream()) seen.push(item)
  expect(seen).toEqual([...items, 'end'])
})

it('leaves nobody an unhandled rejection, whichever way of reading fails', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  const broken = (): Promise<StreamResponse> => stream(pagesOf(JSON_TYPE, ['[1]', undefined]))
  const quietly = async (read: Promise<unknown>): Promise<void> => void (await read.catch(() => 0))
  await quietly((await broken()).json())
  await quietly((await broken()).jsonStream().pipeTo(new WritableStream()))
  for (const way of ['subscribeJson', 'subscribeText', 'subscribeBytes'] as const) {
    const response = await broken()
    response[way](() => undefined)
    await quietly(response.closed)
  }
  const reader = (await broken()).bodyStream().getReader()
  await reader.read()
  await reader.cancel()
  await new Promise(setImmediate)
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})
