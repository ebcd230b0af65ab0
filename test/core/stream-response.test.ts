import { expect, it } from 'vitest'
import { DurableStream, stream } from '../../src/core/index.ts'
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
