import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DurableStream, stream } from '../../src/core/index.ts'
import { createOrder } from '../../src/core/in-order.ts'
import { createFaultyFetch, seededRandom } from '../support/faulty-fetch.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { scriptedFetch } from '../support/scripted-fetch.ts'
import { createStream, startServer } from '../support/server.ts'

const json = { contentType: 'application/json' }
const read = async (url: string): Promise<unknown[]> => (await stream({ url, live: false })).json()

it('tells where the stream ends after an append, so that a reader can go on from there', async () => {
  const { url } = await startServer()
  const writer = await DurableStream.create<number>({ url: `${url}/a`, ...json })
  const { offset } = await writer.append(1)
  expect(offset).toBe((await writer.head()).offset)
  await writer.append(2)
  const rest = await stream({ url: `${url}/a`, offset, live: false })
  expect(await rest.json()).toEqual([2])
})

it('adds nothing for no values, and says where the stream ends', async () => {
  const { url } = await startServer()
  const writer = await DurableStream.create({ url: `${url}/a`, ...json })
  const { offset } = await writer.append(1)
  expect(await writer.appendAll([])).toMatchObject({ offset })
})

it('keeps the order of writes when the content type has to be asked for first', async () => {
  const { url } = await startServer()
  await createStream(url)
  const writer = new DurableStream<number>({ url: `${url}/a` })
  const first = writer.append(1)
  // Learns the type by itself, while the first append still waits for it.
  const learned = writer.create(json).then(() => writer.append(2))
  const second = writer.append(3)
  await Promise.all([first, second, learned])
  await writer.close(4)
  const items = (await read(`${url}/a`)) as number[]
  expect(items.filter((item) => item !== 2)).toEqual([1, 3, 4])
  expect(items).toHaveLength(4)
})

it('puts nothing before what waits, though it need not wait itself', async () => {
  let isReady = false
  let prepared = (): void => undefined
  const preparing = new Promise<void>((resolve) => (prepared = resolve))
  const inOrder = createOrder(
    () => isReady,
    () => preparing,
  )
  const ran: string[] = []
  const first = inOrder(async () => ran.push('first'))
  isReady = true
  const second = inOrder(async () => ran.push('second'))
  prepared()
  await Promise.all([first, second])
  await inOrder(async () => ran.push('third'))
  expect(ran).toEqual(['first', 'second', 'third'])
})

it('closes after the appends that were made before, and takes none made after', async () => {
  const { url } = await startServer()
  await createStream(url)
  const writer = new DurableStream<number>({ url: `${url}/a` })
  const [before, closed, after] = await Promise.allSettled([
    writer.append(1),
    writer.close(),
    writer.append(2),
  ])
  expect([before.status, closed.status]).toEqual(['fulfilled', 'fulfilled'])
  expect(after).toMatchObject({ reason: { name: 'StreamClosedError' } })
  expect(await read(`${url}/a`)).toEqual([1])
})

it('stores a value as it was when it was appended, whatever becomes of it', async () => {
  const { url } = await startServer()
  const writer = await DurableStream.create({ url: `${url}/a`, ...json })
  const value = { n: 1 }
  const first = writer.append(value)
  value.n = 2
  await Promise.all([first, writer.append(value)])
  expect(await read(`${url}/a`)).toEqual([{ n: 1 }, { n: 2 }])
})

it('sends each append in a request of its own, in order, when batching is off', async () => {
  const { url } = await startServer()
  const { fetch, bodies } = scriptedFetch()
  const writer = await DurableStream.create({ url: `${url}/a`, ...json, fetch, batching: false })
  await Promise.all([1, 2, 3].map((n) => writer.append(n)))
  expect(bodies).toEqual(['[1]', '[2]', '[3]'])
})

it('joins no more than about 1 MiB into one request', async () => {
  const { url } = await startServer()
  const { fetch, bodies } = scriptedFetch()
  const writer = await DurableStream.create({ url: `${url}/a`, ...json, fetch })
  const text = 'x'.repeat(400_000)
  await Promise.all([1, 2, 3, 4, 5].map((n) => writer.append({ n, text })))
  for (const body of bodies) expect(String(body).length).toBeLessThan(1 << 20)
  expect(bodies).toHaveLength(3)
})

it('takes back a write that waits, and sends the others', async () => {
  const { url } = await startServer()
  const gate = gatedFetch()
  const writer = await DurableStream.create<number>({ url: `${url}/a`, ...json, fetch: gate.fetch })
  const controller = new AbortController()
  const under = writer.append(1)
  await gate.arrived
  const waiting = [writer.append(2), writer.append(3, controller), writer.append(4)] as const
  controller.abort(new Error('left'))
  await expect(waiting[1]).rejects.toThrow('left')
  gate.open()
  await Promise.all([under, waiting[0], waiting[2]])
  expect(await read(`${url}/a`)).toEqual([1, 2, 4])
})

it('sends nothing for an append whose signal has aborted already', async () => {
  const { url } = await startServer()
  const { fetch, bodies } = scriptedFetch()
  const writer = await DurableStream.create({ url: `${url}/a`, ...json, fetch })
  await expect(writer.append(1, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
    'no',
  )
  await writer.append(2)
  expect(bodies).toEqual(['[2]'])
})

it('has every acknowledged append once and in order, on a bad network', async () => {
  const { url } = await startServer()
  let streams = 0
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 20 }),
      async (seed, groups) => {
        const at = `${url}/s${streams++}`
        await createStream(url, { path: at.slice(url.length + 1) })
        const writer = new DurableStream<number>({
          url: at,
          fetch: createFaultyFetch(seededRandom(seed), 0.2).fetch,
          backoff: { firstDelayMs: 1, maxDelayMs: 2, maxAttempts: 50 },
        })
        let n = 0
        for (const size of groups) {
          await Promise.all(Array.from({ length: size }, () => writer.append(n++)))
        }
        expect(await read(at)).toEqual(Array.from({ length: n }, (_, i) => i))
      },
    ),
    { numRuns: 60 },
  )
})
